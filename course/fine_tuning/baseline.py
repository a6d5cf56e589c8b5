"""What fine-tuning has to beat: counted words, or the features of a frozen model, and a linear classifier on them."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.fine_tuning.inputs import require_list
from course.layers.sizes import require_whole
from course.messages import _

WORD = re.compile(r"\b\w\w+\b")


class TfidfFeatures:
    """TF-IDF: how often each word and each two neighbors occur in a text, times how rare they are in training texts.

    Words have two letters or more, in lower case. A term in n of N training texts weighs 1 + ln((1 + N) / (1 + n));
    each text's vector is then scaled to length 1, and is 0 for a text without a known term. Only terms of the training
    texts count. Raises `ValueError` when these have no word and for `longest` below 1, `TypeError` for one text alone.

    Source: Salton and Buckley 1988, "Term-weighting approaches in automatic text retrieval"; the form of the weight:
    scikit-learn's `TfidfVectorizer`.
    """

    def __init__(self, training_texts: Sequence[str], *, longest: int = 2) -> None:
        require_list(training_texts)
        require_whole(longest, "longest")
        self.longest = longest
        in_texts = Counter(term for text in training_texts for term in set(self.terms(text)))
        if not in_texts:
            raise ValueError(_("The training texts have no word of two letters or more."))
        self.place = {term: number for number, term in enumerate(sorted(in_texts))}
        n = len(training_texts)
        self.weights = [1 + math.log((1 + n) / (1 + in_texts[term])) for term in self.place]

    def __len__(self) -> int:
        return len(self.place)

    def terms(self, text: str) -> list[str]:
        """The words of a text, and each run of up to `longest` neighbors."""
        words = WORD.findall(text.lower())
        return [
            " ".join(words[start : start + length])
            for length in range(1, self.longest + 1)
            for start in range(len(words) - length + 1)
        ]

    def __call__(self, texts: Sequence[str]) -> Float[Tensor, "text term"]:
        """A vector for each text, as one sparse matrix."""
        require_list(texts)
        rows, columns, values = [], [], []
        for row, text in enumerate(texts):
            counts = Counter(self.place[term] for term in self.terms(text) if term in self.place)
            weighted = {column: count * self.weights[column] for column, count in counts.items()}
            length = math.sqrt(sum(value**2 for value in weighted.values()))
            rows += [row] * len(weighted)
            columns += weighted
            values += [value / length for value in weighted.values()]
        return torch.sparse_coo_tensor(
            torch.tensor([rows, columns], dtype=torch.long).reshape(2, -1),
            torch.tensor(values, dtype=torch.float32),
            (len(texts), len(self.place)),
            check_invariants=True,
        ).coalesce()


@dataclass(frozen=True)
class LinearConfig:
    """The size of a `LinearClassifier`, and its classes."""

    n_features: int
    classes: tuple[str, ...]


class LinearClassifier(nn.Module):
    """Logistic regression: a weight for each feature and class; of two classes, for the second alone.

    Raises `ValueError` for fewer than two classes and for a class given twice.
    """

    def __init__(self, n_features: int, classes: Sequence[str]) -> None:
        super().__init__()
        require_classes(classes)
        self.config = LinearConfig(n_features, tuple(classes))
        self.classes = tuple(classes)
        n_outputs = 1 if len(self.classes) == 2 else len(self.classes)
        self.weight = nn.Parameter(torch.zeros(n_outputs, n_features))
        self.bias = nn.Parameter(torch.zeros(n_outputs))

    def forward(self, x: Float[Tensor, "text feature"]) -> Float[Tensor, "text class"]:
        """The logits of the classes; those of the first of two are 0."""
        return self._all_logits(_product(x, self.weight.T) + self.bias)

    def fit(
        self,
        x: Float[Tensor, "text feature"],
        targets: Int[Tensor, "text"],
        *,
        strength: int | float = 1.0,
        most_iterations: int = 500,
    ) -> None:
        """Find the weights with the least `strength` · summed loss + ½ · the sum of all squared weights.

        There is one such solution, whatever the weights were; a start close to it takes less time. The bias is not
        penalized. `targets` are the numbers of the classes. Raises `ValueError` for a strength that is not above 0, for
        a class without an item, for a target that is no class's number, and for features that are not finite, that
        are not as many as there are weights, or that are of more or fewer items than there are targets.

        Source: the objective is that of scikit-learn's `LogisticRegression`, whose C is the strength; L-BFGS: Liu and
        Nocedal 1989.
        """
        if not strength > 0:
            raise ValueError(_("strength is {value}; it must be above 0.").format(value=strength))
        self._require_fitting(x, targets)
        counts = torch.bincount(targets, minlength=len(self.classes))
        if not counts.all():
            raise ValueError(_("No item is of the class {name!r}.").format(name=self.classes[counts.tolist().index(0)]))
        x = x.double()
        weight, bias = (part.detach().double().requires_grad_() for part in self.parameters())
        optimizer = torch.optim.LBFGS(
            [weight, bias],
            max_iter=most_iterations,
            history_size=10,
            line_search_fn="strong_wolfe",
            tolerance_grad=1e-7,
            tolerance_change=1e-12,
        )

        def objective() -> Tensor:
            optimizer.zero_grad()
            logits = self._all_logits(_product(x, weight.T) + bias)
            penalty = weight.square().sum() / (2 * strength * len(targets))
            value = F.cross_entropy(logits, targets) + penalty
            value.backward()
            return value

        optimizer.step(objective)
        with torch.no_grad():
            self.weight.copy_(weight)
            self.bias.copy_(bias)

    def _require_fitting(self, x: Tensor, targets: Tensor) -> None:
        wanted, last = (len(targets), self.weight.shape[1]), len(self.classes) - 1
        if tuple(x.shape) != wanted:
            raise ValueError(
                _("The features have the shape {shape}; by the targets and weights it must be {wanted}.").format(
                    shape=tuple(x.shape), wanted=wanted
                )
            )
        if not (x.coalesce().values() if x.is_sparse else x).isfinite().all():
            raise ValueError(_("One of the features is infinite or NaN."))
        whole = not (targets.is_floating_point() or targets.dtype == torch.bool)
        if not whole or (len(targets) and not 0 <= targets.min() <= targets.max() <= last):
            raise ValueError(_("The targets must be whole numbers of classes, from 0 to {last}.").format(last=last))

    def _all_logits(self, outputs: Float[Tensor, "text output"]) -> Float[Tensor, "text class"]:
        return torch.cat((torch.zeros_like(outputs), outputs), dim=1) if len(self.classes) == 2 else outputs


def require_classes(classes: Sequence[str]) -> None:
    """Raises `ValueError` for fewer than two classes and for a class given twice, `TypeError` for one string."""
    require_list(classes)
    if len(set(classes)) < 2 or len(set(classes)) < len(classes):
        raise ValueError(
            _("The classes are {classes}; give two or more, each once.").format(
                classes=", ".join(map(repr, classes)) or _("none")
            )
        )


def _product(x: Tensor, weights: Tensor) -> Tensor:
    return torch.sparse.mm(x, weights) if x.is_sparse else x @ weights
