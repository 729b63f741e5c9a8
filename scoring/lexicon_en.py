"""What English needs to be judged: fillers and where they are none, small words, negations.

Data only. Every word is written as `scoring.words` gives it: lower case, straight apostrophe.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

# -- fillers -------------------------------------------------------------------------------------


class Standing(Enum):
    """Where a phrase must stand to be a filler."""

    ANYWHERE = "anywhere"
    CLOSING = "closing"  # parted from what follows by a comma, a pause, a filler or the end
    OPENING = "opening"  # at the beginning of the turn or of a clause, or a sound comes next


@dataclass(frozen=True, slots=True)
class FillerRule:
    """A filler, unless it stands elsewhere, or right after or before one of these.

    A neighbour (one word, or for `not_before` also two) counts only while nothing parts the
    two: "you know, the cache" begins with a filler.
    """

    words: tuple[str, ...]
    not_after: frozenset[str] = frozenset()
    not_before: frozenset[str] = frozenset()
    bound_after: frozenset[str] = frozenset()
    """After these a pause alone does not set it off, unless the sentence begins anew."""
    standing: Standing = Standing.ANYWHERE


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SOUNDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("um", re.compile(r"u+m+|u+hm+")),
    ("uh", re.compile(r"u+h+")),
    ("er", re.compile(r"e+r+")),
    ("erm", re.compile(r"e+r+m+")),
    ("ah", re.compile(r"a+h+")),
    ("hmm", re.compile(r"h+m+")),
    ("mm", re.compile(r"m{2,}")),
)
"""Sounds that are fillers however long they are drawn; the first name is the one shown."""
NOT_SOUND_AFTER: dict[str, frozenset[str]] = {
    "er": _words("to the an"),  # "to err", "the ER"
    "uh": _words("nuh"),
    "mm": _words("per of") | frozenset("0123456789"),  # millimetres
}
NOT_SOUND_BEFORE: dict[str, frozenset[str]] = {
    "uh": _words("huh oh uh-huh"),
    "er": _words("diagram diagrams model models on"),
    "mm": _words("hmm hm"),
}
BACKCHANNELS: dict[str, tuple[tuple[str, ...], ...]] = {
    "uh": (("uh", "huh"), ("uh", "oh")),
    "mm": (("mm", "hmm"), ("mm", "hm")),
}
"""Agreement, not hesitation, by the first word."""
SAME_FILLER = {"ok": "okay"}
"""Spellings, by the name a filler is counted under."""

QUESTION_WORDS = _words("what how why who whom whose when where which whether if")
_KINDS = _words(
    "a an the this that these those what which whatever some any each every one no another other "
    "many all most various two three my our your their its his her "
    "new same different wrong right certain special specific particular best only simple second "
    "first third whole similar common usual main basic favourite favorite good bad big"
)

_ALMOST = _words(
    "same identical equal equivalent free impossible nothing none no zero constant done finished "
    "over dead empty useless unlimited infinite everything everyone nobody all every always never "
    "unchanged unusable"
) | {"the same", "the only"}
"""Before these "basically" says "almost"."""

RULES: tuple[FillerRule, ...] = (
    FillerRule(
        ("you", "know"),
        not_after=_words(
            "do does did don't didn't if as let lets unless whether that what how people "
            "things everything anything all when once until before than would will should could "
            "may might can must who someone anyone how which to where"
        ),
        not_before=QUESTION_WORDS
        | _words(
            "that the about these those of him her them nothing anything everything something "
            "exactly more better your which enough"
        ),
    ),
    FillerRule(
        ("i", "mean"),
        not_after=_words("what that which do did if whatever by as when where how things"),
        not_before=_words("by that to business something exactly is was") | {"it when", "it in"},
    ),
    FillerRule(
        ("you", "see"),
        not_after=_words(
            "do did don't can could if as when what how where once would will before after which "
            "that things until everything who so"
        ),
        not_before=QUESTION_WORDS
        | _words("a an the that this it in on from them these those more your each both all two"),
        standing=Standing.OPENING,
    ),
    FillerRule(
        ("sort", "of"),
        not_after=_KINDS | _words("merge quick heap bubble insertion selection radix topological"),
        not_before=_words("thing things course"),
    ),
    FillerRule(("kind", "of"), not_after=_KINDS, not_before=_words("you thing things")),
    FillerRule(("or", "something", "like", "that")),
    FillerRule(("and", "stuff", "like", "that")),
    FillerRule(("and", "things", "like", "that")),
    FillerRule(
        ("or", "something"),
        not_before=_words(
            "like else similar went goes breaks broke that which in about more we i you they he "
            "she it has is was close better smaller bigger simpler cheaper equivalent of to at "
            "with for from could can would might should will"
        ),
    ),
    FillerRule(("and", "stuff"), not_before=_words("that which we i you they in into from for")),
    FillerRule(("or", "whatever"), standing=Standing.CLOSING),
    FillerRule(("basically",), not_before=_ALMOST),
    FillerRule(
        ("literally",),
        not_after=_words(
            "take takes taken took taking quite not translates translated too very more less so"
        ),
    ),
    # "What actually happened" says something; "Actually, I ..." opens a sentence.
    FillerRule(
        ("actually",),
        not_after=_words(
            "what did do does was is were are not didn't doesn't don't wasn't isn't it's never "
            "that which who how to"
        ),
        bound_after=_words("i we you he she they it would could should can will have has had"),
        standing=Standing.OPENING,
    ),
)

# "like", "so", "well", "right" and "okay" need more than neighbours: scoring.fillers decides.

LIKE_AS_COMPARED = _words(
    "a an the this that these those my our your their his her its to it him them me us when if "
    "in on mine yours one any some said"
)
"""What follows "like" where it compares or likes: "like a queue", "I like to"."""
LIKE_AFTER_VERB = _words(
    "look looks looked looking sound sounds sounded seem seems seemed feel feels felt act "
    "acts acted behave behaves behaved work works worked treat treats treated something "
    "anything nothing things stuff more much just exactly less unlike bit little lot would "
    "i'd we'd you'd they'd he'd she'd don't didn't doesn't not you'll might may will to "
    "really who the such people users customers everyone tools databases systems services "
    "problems languages frameworks libraries ones companies structures features metrics "
    "places cases questions topics events words numbers technologies products teams roles is "
    "be been was were are am being it's that's"
)
"""What stands before a "like" that is no filler, unless what follows says otherwise."""
LIKE_MODALS = _words("would should could can might will i'd we'd they'd didn't don't")
LIKE_ADVERBS = _words(
    "just totally literally really never always basically completely sort kind not was were had "
    "did didn't wasn't don't couldn't can't"
)
"""After a subject or a modal these show that "like" was not its verb: "we like totally forgot"."""
LIKE_PLAIN_MODALS = _words("should could must")
"""Modals that hardly ever have "like" for their verb."""
LIKE_TIGHT = LIKE_AFTER_VERB - _words("is was were are am be been it's that's might may will to")
"""After these a pause alone does not make "like" a filler: "she works ... like a machine"."""
LIKE_HAVING = _words("have has had having there's")
"""What one has is not compared: "we had like a weekly sync"."""
LIKE_SUPERLATIVES = _words("only main whole entire same worst best most least third usual")
"""After "like the" nothing is compared with these, nor with a word in "-est"."""
LIKE_PAST = _words(
    "went got took said thought told wrote rewrote ran sat came knew saw gave kept spent became "
    "began forgot made threw stood"
)
"""Verbs that nobody likes: "I like rewrote the parser"."""
LIKE_BARE = _words(
    "go send ask make do put get write say come sit tell give try spend be have know see bring "
    "keep let lose forget"
)
"""Verbs that follow "we'd like" only where it lacks its "to"."""
LIKE_BE = _words("is was were are be been it's that's")
LIKE_SPOKEN = _words("i we you they he she i'm we're i've i'd no what why how okay")
LIKE_MEASURES = _words(
    "second minute hour day week month year couple few hundred thousand million billion half "
    "quarter dozen lot"
)
"""What makes "like a" a guess at an amount: "for like an hour"."""
LIKE_SUBJECTS = _words("i we you they he she people users everyone everybody")
LIKE_STARTERS = _words(
    "i we you they he she i'm we're i'd we'd i've we've you're they're there's really super "
    "very so totally literally basically just maybe probably actually kind sort um uh not no "
    "was were had did didn't wasn't don't couldn't can't every everything everyone half "
    "almost about two three four five six seven eight nine ten twenty thirty forty fifty "
    "sixty ninety hundred thousand hundreds thousands millions pretty completely way too "
    "never always what why how okay crazy weird huge"
)
"""What often follows a filler "like", and seldom another: "it took like ten minutes"."""
LIKE_AFTER_CONJUNCTION = _words("and but because cause so then with for of or um uh er maybe")
LIKE_SAID = _words(
    "said mentioned do did does always usually say told explained describe described"
)

SO_BOUND = _words("many much that far long often few little as to called forth on not bad good")
"""What follows a "so" that means something."""
SO_OPENERS = _words(
    "yeah yes yep okay ok right well um uh er erm hmm ah oh alright no and but sure"
)
"""Words before an opening "so", "well" or "right" that leave it opening the turn."""
SO_CLOSED_AFTER = _words(
    "think hope guess do did does believe said say or and even if suppose be is"
)

WELL_BOUND = _words(
    "known defined understood written tested structured documented designed as enough below above "
    "before after beyond over under within into worth done said formed typed paid suited aware "
    "balanced received supported established and on with for in at"
)
WELL_STARTERS = _words(
    "i we you he she it they there the that this it's that's i'm i'd i've we're we'd in on at "
    "first my our if when to no yes yeah not for one actually um uh let let's so basically a "
    "an once at"
)
WELL_TIGHT = _words(
    "did do does doing done go goes going gone went work works worked perform performed scale "
    "scales scaled very really pretty quite fairly so too how not as it's"
)
"""After these a pause alone does not make "well" a filler: "the demo went ... well"."""
WELL_AFTER = _words("and but so um uh er erm hmm ah oh okay ok yeah yes because that think said no")

RIGHT_AFTER = _words(
    "the a left is was are were be that's it's that all got get gets getting go goes going went "
    "move moves moving to from or on and far bottom top upper lower your you're you i'm am i "
    "we're they're he's she's just exactly not about turn turns done it them things turned "
    "thats feel felt feels seem seems seemed look looks looked sounds sounded completely almost "
    "my our their its his her no half"
)
RIGHT_TIGHT = RIGHT_AFTER - _words("and it them things on in of from about done thats")
"""After these a pause alone does not make "right" a filler: "you turn ... right"."""
RIGHT_AND_THEN = _words("then so um uh i we you they he she it")
RIGHT_STARTERS = _words("so okay ok um uh well i we let let's then and but because the first yeah")

OKAY_BOUND = _words("to with for if as when because that in on at by response status code")
OKAY_AFTER = _words(
    "is are was were be been it's that's i'm we're they're you're looks looked seems seemed feels "
    "felt sounds sounded works worked an the not was perfectly totally completely an say said says "
    "went did doing does returned returns got an things everything it are"
)

SO_LEFT_OPEN = _words(
    "is was are were be the a an to of with for in at by i we my our and but that"
)
"""A clause does not end in these: a "so" that is set off by pauses after one begins anew."""

# -- negation, clauses, small words --------------------------------------------------------------

ARTICLES = _words("a an the")
NEGATORS = _words("not no never without neither nor none cannot hardly barely nobody")
HARMLESS_NEGATIONS = _words("only just merely simply doubt matter problem wonder least")
CLAUSE_OPENERS = _words(
    "but and because so although though however while whereas which then until unless except yet"
)
"""Words at which a recogniser that writes no commas has begun a new clause."""


class Scope(Enum):
    """What a denial denies."""

    SENTENCE = "sentence"  # what follows it in its sentence
    CLAUSE = "clause"  # what follows it in its clause
    BEFORE = "before"  # what stands before it in its clause


@dataclass(frozen=True, slots=True)
class Denial:
    """Words that deny what is said around them, as far as the scope goes or to one of `until`.

    The pattern reads words parted by single spaces, contractions taken apart and articles left
    out; a "|" stands where a clause begins.
    """

    scope: Scope
    pattern: re.Pattern[str]
    until: frozenset[str] = frozenset()


_CONTRAST = _words("but however instead")
_ADVERB = (
    r"(?:(?:really|actually|quite|even|ever|entirely|necessarily|simply|just|plain|completely|"
    r"totally|clearly|probably|definitely|always|also|at all) )?"
)
_IS = r"\b(?:is|are|be|it|that|this|was) " + _ADVERB
_FALSE = r"(?:wrong|false|incorrect|untrue|mistaken|nonsense|myth|lie)"
_FOOLISH = (
    r"(?:wrong|mistake|error|(?:bad|terrible|poor) idea|pointless|useless|unnecessary|overkill)"
)
_NOT = r"\bnot (?!only|just|merely|simply)" + _ADVERB

DENIALS: tuple[Denial, ...] = (
    # it is not true that, it is wrong to say that
    Denial(
        Scope.SENTENCE,
        re.compile(
            rf"{_NOT}(?:true|right|correct|accurate|case|fact) that\b|"
            rf"{_IS}{_FALSE} (?:that|to (?:say|think|believe|claim|assume|suppose))\b|"
            r"\bi (?:strongly )?(?:disagree|doubt|deny)(?: that)?\b"
        ),
        until=_CONTRAST,
    ),
    # I have never heard of, I do not know what
    Denial(
        Scope.SENTENCE,
        re.compile(
            rf"\b(?:never|not) {_ADVERB}heard (?:of|about)\b|"
            r"(?:\bhave|\bi|\|) no (?:idea|clue) (?:\| )?"
            r"(?:what|how|why|which|whether|if|about|of)\b|"
            rf"\bi (?:do|would|can|could) not {_ADVERB}(?:know|remember|recall|understand) "
            r"(?:\| )?(?:what|how|why|which|whether|if|anything|much|about)\b"
        ),
        until=_CONTRAST | _words("so although though yet"),
    ),
    Denial(
        Scope.CLAUSE,
        re.compile(
            r"(?:\b(?:should|must|would|will|i|we|you|please|better|always|also|just|"
            r"(?:want|try|like|need|have|prefer|best|important|ought) to)|\|) avoid(?:ing)?\b"
        ),
        until=_words("by with using via through"),
    ),
    Denial(
        Scope.CLAUSE,
        re.compile(
            r"(?<!\bnot )(?<!\bnever )\bstop "
            r"(?=(?:using|doing|relying|keeping|having|putting|calling|adding|trying)\b)|"
            rf"\b(?:should|must|shall|ought|would|let us) {_ADVERB}{_NOT}|"
            rf"\b(?:do|does|will) {_NOT}(?=(?:need|want|use|like|recommend|suggest|have to)\b)|"
            rf"\bi (?:do|would|can|could) {_NOT}"
            r"(?:think|believe|agree|know|remember|recall|understand)\b"
            r"(?! (?:i|we|maybe|perhaps)\b)|"
            r"\| (?:please )?do not (?!only|just|merely|simply)|"
            r"\bnever (?!mind|only|just)|"
            r"\bno (?:need|reason|point|use|sense|benefit) (?:for|to|in|of)\b|"
            rf"{_IS}{_FOOLISH} (?:to|for)\b"
        ),
    ),
    Denial(
        Scope.CLAUSE,
        re.compile(r"\binstead of\b|\brather than\b|\bas opposed to\b"),
        until=_words("i we you they"),
    ),
    Denial(
        Scope.BEFORE,
        re.compile(
            rf"\b(?:is|are|be) {_ADVERB}(?:{_FALSE}|{_FOOLISH})\b|"
            rf"\b(?:is|are|be) {_NOT}(?:needed|necessary|required|true|right|correct|useful|"
            r"helpful|good|worth|way|answer)\b|"
            rf"\b(?:do|does|will|would|can) {_NOT}(?:work|help|apply|make sense)\b|"
            r"\bmakes? no sense\b"
        ),
    ),
)
SUPPOSING = _words("if when whenever whether unless until what why where how")
"""Before "is wrong" in its clause these say that nothing is claimed: "if the key is wrong"."""
CONTRACTIONS: dict[str, tuple[str, ...]] = {
    "can't": ("can", "not"),
    "cannot": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "ain't": ("is", "not"),
    "gonna": ("going", "to"),
    "wanna": ("want", "to"),
    "cant": ("can", "not"),
    "dont": ("do", "not"),
    "doesnt": ("does", "not"),
    "didnt": ("did", "not"),
    "isnt": ("is", "not"),
    "wasnt": ("was", "not"),
    "wouldnt": ("would", "not"),
    "shouldnt": ("should", "not"),
    "couldnt": ("could", "not"),
    "mustnt": ("must", "not"),
    "havent": ("have", "not"),
    "arent": ("are", "not"),
    "lets": ("let", "us"),
    "let's": ("let", "us"),
}
NUMBER_WORDS: dict[str, str] = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
} | {"twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "ninety": "90", "hundred": "100"}
FUNCTION_WORDS = _words(
    "i you he she it we they me him her us them my your his our their its mine yours ours "
    "theirs myself yourself itself ourselves themselves this that these those there here am "
    "is are was were be been being do does did doing have has had having will would shall "
    "should can could may might must ought of in on at to from by with as for into onto upon "
    "about than and or but if so then because while though although what which who whom whose "
    "when where why how just very too quite really also even still some any such own get got "
    "gets getting going go goes went let lets us im ive id would'd thing things something "
    "anything each every all both more most many much only same other another again one up "
    "out off"
)
"""Words that carry no topic of their own. A phrasing's content is what is not among them."""
