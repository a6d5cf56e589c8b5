"""Arguments for the exercise of the lesson `start_here`."""

from tests.exercises.inputs.collected import inputs


@inputs("start_here.softmax")
def logits_and_temperatures(random):
    yield [0.0], 1.0
    yield [-30.0, -31.0], 0.5
    yield [2.0, 2.0, 2.0], 3.0
    while True:
        size = random.choice([1, 2, random.randint(3, 12)])
        logits = [random.choice([0.0, 1.0, random.uniform(-20, 20)]) for _token in range(size)]
        yield logits, random.choice([0.5, 1.0, 2.0, random.uniform(0.2, 20)])
