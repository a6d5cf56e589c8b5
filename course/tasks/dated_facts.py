"""Facts with a date, for the question of what a language model can know: winners and office holders, year by year.

A model that read no text after some day can know the winners before it and none after. Whether it *does* know one is
measured by what the right year adds to the right answer: see `bits_of_the_year`. The facts of 2025 were settled in that
year: who came into office the year before is none of them.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course.layers.language_model import CausalLanguageModel
from course.tokenization import ByteLevelBPE
from course.training.batches import pad_rows


class DatedFact(NamedTuple):
    """`answer` continues `question`, which has its year; `others` are the question with near years of other answers."""

    series: str
    year: int
    question: str
    answer: str
    others: tuple[str, ...]


# The text before the answer, and the answers by year: winners, then holders of offices. Each series has a fact of 2025,
# so that later facts differ from earlier ones in their year, not in their kind.
SERIES: Mapping[str, tuple[str, str]] = {
    "Super Bowl": (
        "The Super Bowl that was played early in {year} was won by the",
        """2000 St. Louis Rams; 2001 Baltimore Ravens; 2002 New England Patriots; 2003 Tampa Bay Buccaneers;
        2004 New England Patriots; 2005 New England Patriots; 2006 Pittsburgh Steelers; 2007 Indianapolis Colts;
        2008 New York Giants; 2009 Pittsburgh Steelers; 2010 New Orleans Saints; 2011 Green Bay Packers;
        2012 New York Giants; 2013 Baltimore Ravens; 2014 Seattle Seahawks; 2015 New England Patriots;
        2016 Denver Broncos; 2017 New England Patriots; 2018 Philadelphia Eagles; 2019 New England Patriots;
        2020 Kansas City Chiefs; 2021 Tampa Bay Buccaneers; 2022 Los Angeles Rams; 2023 Kansas City Chiefs;
        2024 Kansas City Chiefs; 2025 Philadelphia Eagles""",
    ),
    "NBA": (
        "The NBA championship of {year} was won by the",
        """2000 Los Angeles Lakers; 2001 Los Angeles Lakers; 2002 Los Angeles Lakers; 2003 San Antonio Spurs;
        2004 Detroit Pistons; 2005 San Antonio Spurs; 2006 Miami Heat; 2007 San Antonio Spurs; 2008 Boston Celtics;
        2009 Los Angeles Lakers; 2010 Los Angeles Lakers; 2011 Dallas Mavericks; 2012 Miami Heat; 2013 Miami Heat;
        2014 San Antonio Spurs; 2015 Golden State Warriors; 2016 Cleveland Cavaliers; 2017 Golden State Warriors;
        2018 Golden State Warriors; 2019 Toronto Raptors; 2020 Los Angeles Lakers; 2021 Milwaukee Bucks;
        2022 Golden State Warriors; 2023 Denver Nuggets; 2024 Boston Celtics; 2025 Oklahoma City Thunder""",
    ),
    "World Series": (
        "The World Series of {year} was won by the",
        """2000 New York Yankees; 2001 Arizona Diamondbacks; 2002 Anaheim Angels; 2003 Florida Marlins;
        2004 Boston Red Sox; 2005 Chicago White Sox; 2006 St. Louis Cardinals; 2007 Boston Red Sox;
        2008 Philadelphia Phillies; 2009 New York Yankees; 2010 San Francisco Giants; 2011 St. Louis Cardinals;
        2012 San Francisco Giants; 2013 Boston Red Sox; 2014 San Francisco Giants; 2015 Kansas City Royals;
        2016 Chicago Cubs; 2017 Houston Astros; 2018 Boston Red Sox; 2019 Washington Nationals;
        2020 Los Angeles Dodgers; 2021 Atlanta Braves; 2022 Houston Astros; 2023 Texas Rangers;
        2024 Los Angeles Dodgers; 2025 Los Angeles Dodgers""",
    ),
    "Champions League": (
        "The final of the UEFA Champions League in {year} was won by",
        """2000 Real Madrid; 2001 Bayern Munich; 2002 Real Madrid; 2003 AC Milan; 2004 Porto; 2005 Liverpool;
        2006 Barcelona; 2007 AC Milan; 2008 Manchester United; 2009 Barcelona; 2010 Inter Milan; 2011 Barcelona;
        2012 Chelsea; 2013 Bayern Munich; 2014 Real Madrid; 2015 Barcelona; 2016 Real Madrid; 2017 Real Madrid;
        2018 Real Madrid; 2019 Liverpool; 2020 Bayern Munich; 2021 Chelsea; 2022 Real Madrid; 2023 Manchester City;
        2024 Real Madrid; 2025 Paris Saint-Germain""",
    ),
    "best picture": (
        "The Academy Award for Best Picture of the ceremony in {year} went to the film",
        """1996 Braveheart; 1997 The English Patient; 1998 Titanic; 1999 Shakespeare in Love; 2000 American Beauty;
        2001 Gladiator; 2002 A Beautiful Mind; 2003 Chicago; 2005 Million Dollar Baby; 2006 Crash; 2007 The Departed;
        2008 No Country for Old Men; 2009 Slumdog Millionaire; 2010 The Hurt Locker; 2011 The King's Speech;
        2012 The Artist; 2013 Argo; 2014 12 Years a Slave; 2015 Birdman; 2016 Spotlight; 2017 Moonlight;
        2018 The Shape of Water; 2019 Green Book; 2020 Parasite; 2021 Nomadland; 2022 CODA;
        2023 Everything Everywhere All at Once; 2024 Oppenheimer; 2025 Anora""",
    ),
    "literature": (
        "The Nobel Prize in Literature of the year {year} was awarded to",
        """1995 Seamus Heaney; 1996 Wisława Szymborska; 1997 Dario Fo; 1998 José Saramago; 1999 Günter Grass;
        2000 Gao Xingjian; 2001 V. S. Naipaul; 2002 Imre Kertész; 2003 J. M. Coetzee; 2004 Elfriede Jelinek;
        2005 Harold Pinter; 2006 Orhan Pamuk; 2007 Doris Lessing; 2009 Herta Müller; 2010 Mario Vargas Llosa;
        2011 Tomas Tranströmer; 2012 Mo Yan; 2013 Alice Munro; 2014 Patrick Modiano; 2015 Svetlana Alexievich;
        2016 Bob Dylan; 2017 Kazuo Ishiguro; 2018 Olga Tokarczuk; 2019 Peter Handke; 2020 Louise Glück;
        2021 Abdulrazak Gurnah; 2022 Annie Ernaux; 2023 Jon Fosse; 2024 Han Kang; 2025 László Krasznahorkai""",
    ),
    "Wimbledon": (
        "The men's singles final at Wimbledon in {year} was won by",
        """1995 Pete Sampras; 1996 Richard Krajicek; 1997 Pete Sampras; 2000 Pete Sampras; 2001 Goran Ivanišević;
        2002 Lleyton Hewitt; 2003 Roger Federer; 2004 Roger Federer; 2005 Roger Federer; 2006 Roger Federer;
        2007 Roger Federer; 2008 Rafael Nadal; 2009 Roger Federer; 2010 Rafael Nadal; 2011 Novak Djokovic;
        2012 Roger Federer; 2013 Andy Murray; 2014 Novak Djokovic; 2015 Novak Djokovic; 2016 Andy Murray;
        2017 Roger Federer; 2018 Novak Djokovic; 2019 Novak Djokovic; 2021 Novak Djokovic; 2022 Novak Djokovic;
        2023 Carlos Alcaraz; 2024 Carlos Alcaraz; 2025 Jannik Sinner""",
    ),
    "pope": (
        "The pope who was elected in {year} took the name",
        """1914 Benedict XV; 1922 Pius XI; 1939 Pius XII; 1958 John XXIII; 1963 Paul VI; 2005 Benedict XVI;
        2013 Francis; 2025 Leo XIV""",
    ),
    "German chancellor": (
        "At the end of {year}, the chancellor of Germany was",
        """1965 Ludwig Erhard; 1971 Willy Brandt; 1978 Helmut Schmidt; 1990 Helmut Kohl; 2002 Gerhard Schröder;
        2012 Angela Merkel; 2023 Olaf Scholz; 2025 Friedrich Merz""",
    ),
    "Austrian chancellor": (
        "At the end of {year}, the chancellor of Austria was",
        """1975 Bruno Kreisky; 1990 Franz Vranitzky; 2003 Wolfgang Schüssel; 2010 Werner Faymann; 2018 Sebastian Kurz;
        2022 Karl Nehammer; 2025 Christian Stocker""",
    ),
    "Canadian prime minister": (
        "At the end of {year}, the prime minister of Canada was",
        """1975 Pierre Trudeau; 1988 Brian Mulroney; 2000 Jean Chrétien; 2004 Paul Martin; 2010 Stephen Harper;
        2018 Justin Trudeau; 2025 Mark Carney""",
    ),
    "French prime minister": (
        "At the end of {year}, the prime minister of France was",
        """1975 Jacques Chirac; 1985 Laurent Fabius; 1990 Michel Rocard; 2000 Lionel Jospin; 2010 François Fillon;
        2015 Manuel Valls; 2018 Édouard Philippe; 2022 Élisabeth Borne; 2025 Sébastien Lecornu""",
    ),
    "Japanese prime minister": (
        "At the end of {year}, the prime minister of Japan was",
        """1985 Yasuhiro Nakasone; 1988 Noboru Takeshita; 1995 Tomiichi Murayama; 1999 Keizo Obuchi;
        2003 Junichiro Koizumi; 2008 Taro Aso; 2011 Yoshihiko Noda; 2017 Shinzo Abe; 2020 Yoshihide Suga;
        2022 Fumio Kishida; 2025 Sanae Takaichi""",
    ),
    "Korean president": (
        "At the end of {year}, the president of South Korea was",
        """1985 Chun Doo-hwan; 1990 Roh Tae-woo; 1995 Kim Young-sam; 2000 Kim Dae-jung; 2005 Roh Moo-hyun;
        2010 Lee Myung-bak; 2015 Park Geun-hye; 2019 Moon Jae-in; 2023 Yoon Suk Yeol; 2025 Lee Jae-myung""",
    ),
    "Polish president": (
        "At the end of {year}, the president of Poland was",
        """1992 Lech Wałęsa; 2000 Aleksander Kwaśniewski; 2008 Lech Kaczyński; 2012 Bronisław Komorowski;
        2018 Andrzej Duda; 2025 Karol Nawrocki""",
    ),
    "Romanian president": (
        "At the end of {year}, the president of Romania was",
        """1994 Ion Iliescu; 1998 Emil Constantinescu; 2010 Traian Băsescu; 2018 Klaus Iohannis; 2025 Nicușor Dan""",
    ),
    "Irish president": (
        "At the end of {year}, the president of Ireland was",
        """1980 Patrick Hillery; 1993 Mary Robinson; 2005 Mary McAleese; 2015 Michael D. Higgins;
        2025 Catherine Connolly""",
    ),
    "Olympic president": (
        "At the end of {year}, the president of the International Olympic Committee was",
        """1965 Avery Brundage; 1975 Lord Killanin; 1990 Juan Antonio Samaranch; 2008 Jacques Rogge; 2018 Thomas Bach;
        2025 Kirsty Coventry""",
    ),
}
OFFICES = tuple(name for name in SERIES if name.endswith(("pope", "chancellor", "minister", "president")))
N_OTHERS = 4  # years that a fact's own is compared with


def dated_facts() -> list[DatedFact]:
    """All facts, by series and year."""
    facts = []
    for series, (text, answers) in SERIES.items():
        by_year = dict(_read(entry) for entry in answers.split(";"))
        for year, answer in by_year.items():
            wrong = [other for other in by_year if by_year[other] != answer]
            nearest = sorted(wrong, key=lambda other: (abs(other - year), other))[:N_OTHERS]
            others = tuple(text.format(year=other) for other in nearest)
            facts.append(DatedFact(series, year, text.format(year=year), answer, others))
    return facts


def _read(entry: str) -> tuple[int, str]:
    year, answer = entry.strip().split(" ", 1)
    return int(year), answer


@torch.no_grad()
def bits_of_the_year(model: CausalLanguageModel, tokenizer: ByteLevelBPE, fact: DatedFact) -> float:
    """How much more probable the right year makes the answer than another year does, in bits.

    It is log₂ p(answer | question) minus the mean of log₂ p(answer | question with another year). An answer that is
    probable whatever the year, because its name is frequent, gets 0. The other years are the nearest, since a name is
    more probable in its own time: among far years, a model that only knows when a name was in the news would get bits
    for a fact that it does not know.
    """
    answer = tokenizer.encode(f" {fact.answer}")
    rows = [[*tokenizer.encode(question), *answer] for question in (fact.question, *fact.others)]
    nats = _log_probability(model, rows, len(answer))
    return float(nats[0] - nats[1:].mean()) / math.log(2)


def _log_probability(model: CausalLanguageModel, rows: Sequence[Sequence[int]], n_last: int) -> Float[Tensor, "row"]:
    """Of each row, the log-probability of its last `n_last` tokens after those before."""
    ids = pad_rows([list(row) for row in rows], 0).to(next(model.parameters()).device)
    scores = model(ids[:, :-1]).log_softmax(dim=-1)
    found = scores.gather(-1, ids[:, 1:, None])[..., 0]
    ends = torch.tensor([len(row) - 1 for row in rows], device=ids.device)[:, None]
    places = torch.arange(found.shape[1], device=ids.device)
    return (found * ((places >= ends - n_last) & (places < ends))).sum(dim=1)
