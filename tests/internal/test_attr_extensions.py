"""`with_copy`: exact copies of any attrs class."""

from __future__ import annotations

import array
import builtins
import concurrent.futures
import copy
import datetime
import functools
import gc
import inspect
import itertools
import linecache
import operator
import sys
import threading
import traceback
import types
import typing
import weakref

import attrs
import pytest

from hikari_sessions import SKIP_DEEP_COPY, copy_attrs, deep_copy_attrs, with_copy

T = typing.TypeVar("T")
Copier: typing.TypeAlias = typing.Callable[[typing.Any], typing.Any]
set_attribute = object.__setattr__

either_copy = pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy])
slotted_or_not = pytest.mark.parametrize("slots", [True, False])


def make(
    *bases: typing.Any, above: bool | None = True, **options: typing.Any
) -> typing.Any:
    """Make an attrs class, with `with_copy` above it, below it, or not at all."""
    fields: dict[str, typing.Any] = {
        "public": attrs.field(),
        "_private": attrs.field(default="p"),
        "renamed": attrs.field(default=3, alias="other"),
        "app": attrs.field(factory=list, metadata={SKIP_DEEP_COPY: True}),
        "unset": attrs.field(init=False),
    }
    body = options.pop("body", {})
    define: typing.Any = attrs.define(these=fields, **options)
    cls = types.new_class("Model", bases, {}, lambda names: names.update(body))
    if above is None:
        return define(cls)
    return with_copy(define(cls)) if above else define(with_copy(cls))


def subclass(*bases: typing.Any, **body: typing.Any) -> typing.Any:
    copy.copy(bases[-1]([1]))  # It has its methods before it gets a subclass.
    return type("Sub", bases, body)


class Base(typing.Generic[T]):
    __slots__ = ()


define_empty: typing.Any = attrs.define(init=False, weakref_slot=False)
FLAGS = ("above", "slots", "frozen", "weakref_slot")
KINDS = [
    dict(zip(FLAGS, flags, strict=True))
    for flags in itertools.product((True, False), repeat=len(FLAGS))
]
SHAPES: dict[str, typing.Callable[[], typing.Any]] = {
    **{str(kind): functools.partial(make, **kind) for kind in KINDS},
    "plain subclass": lambda: subclass(make()),
    "slotted subclass": lambda: subclass(make(), __slots__=("extra",)),
    "undecorated subclass": lambda: make(make(), above=None),
    "several bases": lambda: subclass(define_empty(type("E", (), {})), make()),
    "generic": lambda: make(Base[int]),
    "exception": lambda: make(Exception),
    "keyword-only exception": lambda: make(OSError, kw_only=True),
    "frozen exception": lambda: make(Exception, frozen=True, slots=False),
    "exception with a state": lambda: make(OSError),
}

BUILT_IN = [cls for cls in vars(builtins).values() if isinstance(cls, type)]
EXCEPTIONS = [
    types.new_class("SeveralBases", (ValueError, OSError)),
    *(cls for cls in BUILT_IN if issubclass(cls, BaseException)),
]
ARGS: dict[str, tuple[typing.Any, ...]] = {
    "BaseException": (2, ["text"], "file"),
    "BaseExceptionGroup": ("two", [ValueError(1), KeyError(2)]),
    "SyntaxError": ("text", ("file", 1, 2, "line", 3, 4)),
    "UnicodeDecodeError": ("utf-8", b"\xff", 0, 1, "text"),
    "UnicodeEncodeError": ("ascii", "\xff", 0, 1, "text"),
    "UnicodeTranslateError": ("\xff", 0, 1, "text"),
    "BlockingIOError": (11, "text", 5),
}


@pytest.fixture(params=SHAPES)
def model(request: pytest.FixtureRequest) -> typing.Any:
    return SHAPES[request.param]()(public=[1, 2], app=[3])


@pytest.mark.parametrize("is_set", [True, False])
def test_copies_are_exact(model: typing.Any, *, is_set: bool) -> None:
    cls: typing.Any = model.__class__
    if is_set:
        set_attribute(model, "unset", [4])
    if hasattr(model, "__dict__") or hasattr(cls, "extra"):
        set_attribute(model, "extra", [5])
    names = ["public", "_private", "renamed", "app", "unset", "extra", "args"]
    state = {name: getattr(model, name) for name in names if hasattr(model, name)}
    new, deep = copy.copy(model), copy.deepcopy(model)
    same = with_copy(cls).__replace__(model)
    assert type(new) is type(deep) is type(same) is cls
    for name in names:
        assert hasattr(new, name) is hasattr(deep, name) is (name in state)
    for name, value in state.items():
        assert getattr(deep, name) == value
        assert getattr(new, name) is getattr(same, name) is value or name == "args"
        is_shared = name in {"_private", "renamed", "app"}
        assert (getattr(deep, name) is value) is (is_shared or value == ())
    if "args" in state:
        assert new.args == model.args == ([1, 2], "p", 3, [3])
        assert deep.args[0] is deep.public
        assert deep.args[3] is model.app


# The standard library can't copy the cycles of an exception with a state, either.
@pytest.mark.parametrize("model", [*SHAPES][:-1], indirect=True)
def test_cycles_end_and_a_memo_is_used(model: typing.Any) -> None:
    child = copy.copy(model)
    set_attribute(child, "public", [model])
    model.public[:] = [child, child]
    new = copy.deepcopy(model)
    assert new.public[0] is new.public[1] is not child
    assert new.public[0].public[0] is new

    memo: dict[int, typing.Any] = {id(model.public): model.app}
    new = deep_copy_attrs(model, memo)
    assert memo[id(model)] is new is not model.__deepcopy__()
    assert model.__deepcopy__(memo) is deep_copy_attrs(model, memo) is new
    assert new.public is model.app


def test_a_memo_outlives_the_originals() -> None:
    cls, memo = make(), dict[int, typing.Any]()
    for number in range(10):
        assert deep_copy_attrs(cls([number]), memo).public == [number]


def test_code_is_generated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make(above=None)([1])
    copy_attrs(model)
    monkeypatch.setattr("builtins.compile", None)
    assert copy_attrs(model).public is model.public


@pytest.mark.parametrize("base", EXCEPTIONS, ids=lambda base: base.__name__)
@slotted_or_not
@either_copy
def test_exceptions_copy_as_they_do_without_a_decorator(
    base: typing.Any, copier: Copier, *, slots: bool
) -> None:
    names = [name for name, _ in inspect.getmembers(base, inspect.isdatadescriptor)]
    names = [name for name in names if name[0] != "_"] + ["__notes__", "public"]
    args, *_ = (
        ARGS[kind.__name__] for kind in base.__mro__ if kind.__name__ in ARGS
    )

    def describe(error: typing.Any) -> list[str]:
        return [str(error), *(repr(getattr(error, name, None)) for name in names)]

    def parts(error: typing.Any) -> list[object]:
        groups = error.args, getattr(error, "exceptions", ())
        return [error.public, error.__notes__, *itertools.chain(*groups)]

    plain = make(base, above=None, slots=False, init=False)
    decorated = make(base, slots=slots, frozen=True, init=False)
    results: list[object] = []
    for cls in (plain, decorated):
        error = cls(*args)
        for name in {"name", "path", "__notes__", "public"}.intersection(names):
            set_attribute(error, name, [name])
        new = copier(error)
        shared = [*map(operator.is_, parts(error), parts(new))]
        results.append((describe(new), shared))
    assert results[0] == results[1]


@either_copy
def test_exceptions_whose_init_fails_with_their_args(copier: Copier) -> None:
    def init(self: typing.Any, seconds: float) -> None:
        self.public = seconds
        TimeoutError.__init__(self, f"try again in {seconds:.0f} s")

    new = copier(make(TimeoutError, body={"__init__": init})(2))
    assert (new.public, str(new)) == (2, "try again in 2 s")


@pytest.mark.parametrize("base", [dict, list])
@slotted_or_not
@either_copy
def test_built_in_bases(base: typing.Any, copier: Copier, *, slots: bool) -> None:
    cls: typing.Any = attrs.make_class("Model", ["note"], (base,), slots=slots)
    model = with_copy(cls)([3])
    (model.update if base is dict else model.extend)([(1, 2)])
    new = copier(model)
    assert (type(new), [*new], new.note) == (cls, [*model], [3])
    assert len(new) == 1
    assert (new.note is model.note) is (copier is copy.copy)
    model.note.append(model)
    assert (new := copy.deepcopy(model)).note[1] is new is not model


@either_copy
def test_bases_from_c_extensions(copier: Copier) -> None:
    bases = (array.array,)
    cls: typing.Any = attrs.make_class("Model", ["code"], bases, slots=False)
    model = with_copy(cls)("i")
    model.append(5)
    new = copier(model)
    assert (type(new), new.tolist(), new.code) == (cls, [5], "i")


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_replace(kind: dict[str, bool]) -> None:
    model = make(**kind)([1])
    new = model.__replace__(private="q", other=4)
    assert (new._private, new.renamed, model._private) == ("q", 4, "p")
    for name in ("unknown", "_private", "renamed", "unset"):
        message = rf"Model.__replace__\(\) doesn't take '{name}'"
        with pytest.raises(TypeError, match=message):
            model.__replace__(**{name: 1})


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_dropped_class_is_collected(kind: dict[str, bool]) -> None:
    cls = make(**kind)
    copy.deepcopy(copy.copy(cls([1])))
    (source,) = (name for name in linecache.cache if f"{id(cls):#x}" in name)
    dropped = weakref.ref(cls)
    del cls
    gc.collect()
    assert dropped() is None
    assert source not in linecache.cache


@slotted_or_not
def test_copying_neither_constructs_nor_pickles(*, slots: bool) -> None:
    calls: list[object] = []

    def call(*args: typing.Any) -> typing.Any:
        calls.append(args)
        return args[-1]

    def create(cls: typing.Any, *_args: object) -> typing.Any:
        return call(object.__new__(cls))

    hooks = ["__attrs_pre_init__", "__getstate__", "__setstate__", "__reduce__"]
    body = dict.fromkeys(hooks, call)
    field = attrs.field(converter=call, validator=call, on_setattr=call)
    define: typing.Any = attrs.define(slots=slots, these={"value": field})
    model = with_copy(define(type("Model", (), {**body, "__new__": create})))(1)
    calls.clear()
    assert copy.copy(model).value == copy.deepcopy(model).value == 1
    assert model.__replace__(value="2").value == "2"
    assert calls == []


@slotted_or_not
def test_cached_properties_and_hashes(*, slots: bool) -> None:
    class Body:
        key: typing.Any

        @functools.cached_property
        def pair(self) -> list[object]:
            computed.append(self)
            return [self.key]

    computed: list[object] = []
    options: typing.Any = {"slots": slots, "unsafe_hash": True, "cache_hash": True}
    cls: typing.Any = with_copy(attrs.define(**options)(Body))
    model = cls(type("HashedByIdentity", (), {})())
    assert copy.deepcopy(copy.copy(model)).pair
    assert len(computed) == 1
    cached = model.pair
    assert hash(copy.copy(model)) == hash(model)
    assert copy.copy(model).pair is cached
    assert copy.deepcopy(model).pair is not cached
    assert len(computed) == 2
    assert model.__replace__(key=1).pair == [1]
    for new in (copy.deepcopy(model), model.__replace__(key=1)):
        assert hash(new) == hash(cls(new.key))


@slotted_or_not
@pytest.mark.parametrize("hook", ["__getattr__", "__getattribute__"])
def test_only_the_state_is_read(*, slots: bool, hook: str) -> None:
    def answer(self: object, name: str) -> typing.Any:
        is_magic = name.startswith("__")
        return object.__getattribute__(self, name) if is_magic else "answer"

    model = make(slots=slots, body={hook: answer})([1])
    for new in (copy.copy(model), copy.deepcopy(model), model.__replace__()):
        assert object.__getattribute__(new, "public") == [1]
        with pytest.raises(AttributeError):
            object.__getattribute__(new, "unset")


@either_copy
def test_a_slot_behind_a_property(copier: Copier) -> None:
    base = make()
    cls = subclass(base, __slots__=(), public=property(lambda _: 0))
    model = object.__new__(cls)
    base.public.__set__(model, [1])
    assert base.public.__get__(copier(model)) == [1]


@pytest.mark.parametrize("above", [True, False])
def test_copy_methods_that_a_class_defines_are_kept(*, above: bool) -> None:
    def wrap(*args: typing.Any) -> typing.Any:
        return [(deep_copy_attrs if args[1:] else copy_attrs)(*args)]

    body = {"__copy__": wrap, "__deepcopy__": wrap}
    model = make(above=above, body=body)([1])
    for _ in range(2):
        assert copy.copy(model)[0].public is model.public
        assert copy.deepcopy(model)[0].public is not model.public


def test_immutable_values_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copy, "deepcopy", None)  # It isn't even called.
    moment = datetime.datetime(2026, 11, 23, tzinfo=datetime.timezone.utc)
    values: list[object] = [None, True, 5, 1.5, "text", b"bytes", moment]
    values += [moment.date(), moment.time(), moment.tzinfo, datetime.timedelta(1)]
    for cls in (make(), make(slots=False)):
        for value in values:
            assert deep_copy_attrs(cls(value)).public is value


@pytest.mark.parametrize("copier", [copy_attrs, deep_copy_attrs])
def test_classes_that_lack_a_decorator(copier: Copier) -> None:
    model = make(above=None)([1])
    assert (copier(model).public is model.public) is (copier is copy_attrs)
    cls: typing.Any = types.new_class("Forgotten")
    with_copy(cls)
    for copy_it in (copier, copy.copy, copy.deepcopy, cls.__replace__):
        with pytest.raises(TypeError, match="Forgotten'> isn't an attrs class"):
            copy_it(cls())


def test_tracebacks_and_debuggers_show_the_generated_code() -> None:
    class Stubborn:
        def __deepcopy__(self, memo: object) -> None:
            raise AttributeError  # an attribute that's set, all the same

    model = make()(Stubborn())
    with pytest.raises(AttributeError) as caught:
        copy.deepcopy(model)
    assert "copy.deepcopy(value, memo)" in "".join(traceback.format_tb(caught.tb))
    assert "new.public = self.public" in inspect.getsource(model.__copy__)


@pytest.mark.system
def test_many_threads_make_the_first_copy_at_once() -> None:
    start, interval = threading.Barrier(8), sys.getswitchinterval()

    def run(model: typing.Any) -> bool:
        start.wait(10)
        return copy.copy(model).public is model.public

    # So short that threads switch in the middle of everything.
    sys.setswitchinterval(1e-6)
    try:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for _ in range(20):
                assert all(pool.map(run, map(make(), range(8))))
    finally:
        sys.setswitchinterval(interval)
