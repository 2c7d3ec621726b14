"""`with_copy`: exact copies of any attrs class."""

from __future__ import annotations

import concurrent.futures
import copy
import datetime
import decimal
import functools
import gc
import inspect
import itertools
import linecache
import sys
import threading
import traceback
import typing
import warnings
import weakref

import attrs
import pytest

from hikari_sessions import SKIP_DEEP_COPY, copy_attrs, deep_copy_attrs, with_copy

T = typing.TypeVar("T")
Copier: typing.TypeAlias = typing.Callable[[typing.Any], typing.Any]
Kind: typing.TypeAlias = dict[str, typing.Any]

KIND = ("above", "slots", "frozen", "weakref_slot")
set_attribute = object.__setattr__

either_copy = pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy])
slotted_or_not = pytest.mark.parametrize("slots", [True, False])


def decorate(
    body: type, *, above: bool = True, **options: typing.Any
) -> typing.Any:
    """Make an attrs class, with `with_copy` above or below `attrs.define`."""
    define: typing.Any = attrs.define(**options)
    cls: typing.Any = define(body if above else with_copy(body))
    return with_copy(cls) if above else cls


def make(
    fields: typing.Any, *bases: typing.Any, **options: typing.Any
) -> typing.Any:
    """Make an attrs class without `with_copy`; slotted by default."""
    options.setdefault("slots", True)
    return attrs.make_class("Model", fields, bases=bases or (object,), **options)


def replace(model: typing.Any, **changes: typing.Any) -> typing.Any:
    if sys.version_info >= (3, 13):
        return copy.replace(model, **changes)
    return model.__replace__(**changes)


@pytest.fixture(
    params=itertools.product((True, False), repeat=len(KIND)),
    ids=lambda flags: "-".join(itertools.compress(KIND, flags)) or "nothing",
)
def kind(request: pytest.FixtureRequest) -> Kind:
    return dict(zip(KIND, request.param, strict=True))


@pytest.fixture
def model(kind: Kind) -> typing.Any:
    class Model:
        public: list[typing.Any]
        _private: str
        renamed: int = attrs.field(alias="other")
        shared: object = attrs.field(metadata={SKIP_DEEP_COPY: True})
        copied: object = attrs.field(metadata={SKIP_DEEP_COPY: False})
        computed: list[int] = attrs.field(init=False, factory=lambda: [1])
        unset: object = attrs.field(init=False)

    return decorate(Model, **kind)([1, 2], "p", other=3, shared=[4], copied=[5])


# The tests with a model or a kind run on every kind of class.


def test_with_copy_returns_the_class(model: typing.Any) -> None:
    assert with_copy(model.__class__) is model.__class__


@pytest.mark.parametrize("all_set", [True, False])
def test_shallow_and_deep_copies(model: typing.Any, *, all_set: bool) -> None:
    if all_set:
        set_attribute(model, "unset", 6)
    new, deep = copy.copy(model), copy.deepcopy(model)
    assert type(new) is type(deep) is type(model)
    for name in ("public", "_private", "renamed", "shared", "copied", "computed"):
        assert getattr(new, name) is getattr(model, name)
        assert getattr(deep, name) == getattr(model, name)
    for name in ("public", "copied", "computed"):
        assert getattr(deep, name) is not getattr(model, name)
    assert deep.shared is model.shared


@either_copy
def test_a_model_without_attributes(copier: Copier) -> None:
    model = with_copy(make([], frozen=True))()
    assert copier(model) == model
    assert copier(model) is not model


@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy, replace])
def test_unset_attributes_stay_unset(model: typing.Any, copier: Copier) -> None:
    assert not hasattr(copier(model), "unset")
    set_attribute(model, "unset", 5)
    assert copier(model).unset == 5


def test_copying_neither_constructs_nor_pickles(kind: Kind) -> None:
    constructed: list[object] = []

    def construct(*args: typing.Any) -> typing.Any:
        constructed.append(args)
        return args[-1] if args else [1]

    class Model:
        value: int = attrs.field(converter=construct, validator=construct)
        made: list[int] = attrs.field(factory=construct)
        kept: list[int] = attrs.field(init=False, factory=construct)

        def __new__(cls, *_args: object) -> typing.Any:
            return construct(super().__new__(cls))

        def __attrs_pre_init__(self) -> None:
            construct(self)

        def __attrs_post_init__(self) -> None:
            construct(self)

    for name in ("__getstate__", "__setstate__", "__reduce__"):
        setattr(Model, name, construct)
    hook = None if kind["frozen"] else construct
    model = decorate(Model, on_setattr=hook, **kind)("1")
    constructed.clear()
    assert copy.copy(model).made is model.made
    assert copy.deepcopy(model).made == [1]
    assert replace(model, value="2").value == "2"
    assert constructed == []


def test_replace_changes_attributes_by_their_init_names(model: typing.Any) -> None:
    new = replace(model, private="q", other=4)
    assert (new._private, new.renamed) == ("q", 4)
    assert (model._private, model.renamed) == ("p", 3)
    for name in ("public", "shared", "copied", "computed"):
        assert getattr(new, name) is getattr(model, name)


@pytest.mark.parametrize("name", ["unknown", "_private", "renamed", "unset"])
def test_replace_names_what_it_refuses(model: typing.Any, name: str) -> None:
    with pytest.raises(TypeError, match=rf"Model.__replace__\(\) got .* '{name}'"):
        replace(model, **{name: 1})


@pytest.mark.parametrize("body", [{}, {"__slots__": ("extra",)}])
def test_a_plain_subclass(model: typing.Any, body: dict[str, typing.Any]) -> None:
    copy.copy(model)
    cls: typing.Any = type("Plain", (model.__class__,), body)
    sub = cls([1], "p", other=3, shared=[4], copied=[5])
    set_attribute(sub, "extra", [2])
    assert type(copy.copy(sub)) is type(copy.deepcopy(sub)) is cls
    assert copy.copy(sub).extra is replace(sub).extra is sub.extra
    assert copy.deepcopy(sub).extra == [2]
    assert copy.deepcopy(sub).extra is not sub.extra


@slotted_or_not
def test_an_undecorated_attrs_subclass(model: typing.Any, *, slots: bool) -> None:
    copy.copy(model)
    cls = make({"extra": attrs.field(kw_only=True)}, type(model), slots=slots)
    sub = cls([1], "p", other=3, shared=[4], copied=[5], extra=[2])
    assert type(copy.copy(sub)) is type(copy.deepcopy(sub)) is cls
    assert copy.copy(sub).extra is sub.extra
    assert copy.deepcopy(sub).extra == [2]
    assert copy.deepcopy(sub).extra is not sub.extra


def test_cycles_end_and_each_object_is_copied_once(model: typing.Any) -> None:
    child = replace(model, public=[model])
    model.public[:] = [child, child]
    new = copy.deepcopy(model)
    assert new.public[0] is new.public[1] is not child
    assert new.public[0].public[0] is new
    set_attribute(model, "unset", model)
    assert (new := copy.deepcopy(model)).unset is new


@pytest.mark.parametrize("is_set", [True, False])
def test_a_memo_is_used_and_added_to(model: typing.Any, *, is_set: bool) -> None:
    if is_set:
        set_attribute(model, "unset", None)
    stand_in = object()
    assert deep_copy_attrs(model, {id(model): stand_in}) is stand_in
    assert model.__deepcopy__({id(model): stand_in}) is stand_in
    assert model.__deepcopy__({id(model.public): stand_in}).public is stand_in

    memo: dict[int, typing.Any] = {}
    new = deep_copy_attrs(model, memo)
    assert memo[id(model)] is new
    assert memo[id(model.public)] is new.public
    assert model.__deepcopy__(memo) is new is not model.__deepcopy__()


def test_a_dropped_class_is_collected_with_its_source(kind: Kind) -> None:
    class Dropped:
        value: int

    def sources() -> list[str]:
        ours = [name for name in linecache.cache if name.startswith("<copies of ")]
        return [name for name in ours if "Dropped" in name]

    cls = decorate(Dropped, **kind)
    assert copy.deepcopy(copy.copy(cls(1))) == cls(1)
    assert bool(sources()) is kind["slots"]
    dropped = weakref.ref(cls)
    del cls, Dropped
    gc.collect()
    assert dropped() is None
    assert sources() == []


@with_copy
@attrs.define
class Pair:
    left: typing.Any = None
    right: typing.Any = None


def test_several_bases() -> None:
    @attrs.define
    class First:
        first: list[int] = attrs.field(metadata={"skip_deep_copy": True})

    @with_copy
    @attrs.define(slots=False)
    class Second:
        second: list[int]

    class Plain(Second, First):
        pass

    both = make(["third"], First, Second, slots=False)([1], [2], 3)
    assert copy.copy(both) == copy.deepcopy(both) == both
    plain = Plain([1])
    plain.first = [2]
    assert copy.deepcopy(plain).first is plain.first
    assert copy.deepcopy(plain).second is not plain.second


@slotted_or_not
def test_generics(*, slots: bool) -> None:
    class Box(typing.Generic[T]):
        value: T

    model = decorate(Box, slots=slots)[list[int]]([1])
    assert copy.copy(model).value is model.value
    assert copy.deepcopy(model) == model
    assert copy.deepcopy(model).value is not model.value


@slotted_or_not
def test_cached_properties(*, slots: bool) -> None:
    class Model:
        value: int

        @functools.cached_property
        def double(self) -> list[int]:
            computed.append(self.value)
            return [self.value * 2]

    computed: list[int] = []
    model = decorate(Model, slots=slots)(2)
    copies = [copy.copy(model), copy.deepcopy(model), replace(model)]
    assert computed == []
    assert [new.double for new in copies] == [[4], [4], [4]]

    cached = model.double
    assert copy.copy(model).double is cached
    assert copy.deepcopy(model).double == [4]
    assert copy.deepcopy(model).double is not cached
    assert replace(model, value=3).double == [6]
    assert model.double is cached


@slotted_or_not
def test_a_cached_hash_is_forgotten_where_values_change(*, slots: bool) -> None:
    class Key:
        """Hashed by identity."""

    class Model:
        key: Key
        value: int

    cls = decorate(Model, slots=slots, unsafe_hash=True, cache_hash=True)
    model = cls(Key(), 0)
    assert hash(copy.copy(model)) == hash(model)
    for new in (copy.deepcopy(model), replace(model, value=1)):
        assert hash(new) == hash(cls(new.key, new.value))


@slotted_or_not
def test_a_getattr_that_answers_everything_is_not_asked(*, slots: bool) -> None:
    class Model:
        value: int
        unset: int = attrs.field(init=False)

        def __getattr__(self, name: str) -> str:
            return name

    model = decorate(Model, slots=slots)(1)
    for new in (copy.copy(model), copy.deepcopy(model), replace(model)):
        assert (new.value, new.unset) == (1, "unset")
        with pytest.raises(AttributeError):
            object.__getattribute__(new, "unset")


@pytest.mark.parametrize("above", [True, False])
@slotted_or_not
def test_copy_methods_of_its_own_are_kept(*, above: bool, slots: bool) -> None:
    class Cache:
        items: list[int]
        copies: int = 0

        def __copy__(self) -> Cache:
            new = copy_attrs(self)
            new.copies += 1
            return new

        def __deepcopy__(self, memo: dict[int, typing.Any]) -> Cache:
            new = deep_copy_attrs(self, memo)
            new.copies += 10
            return new

    cache = decorate(Cache, above=above, slots=slots)([1])
    assert copy.copy(copy.deepcopy(copy.copy(cache))).copies == 12
    assert copy.copy(cache).items is cache.items
    assert copy.deepcopy(cache).items == [1]
    assert copy.deepcopy(cache).items is not cache.items


def test_an_init_subclass_is_called_as_it_is() -> None:
    @attrs.define
    class Model:
        def __init_subclass__(cls) -> None:
            warnings.warn(cls.__name__, DeprecationWarning, stacklevel=2)

    with_copy(Model)
    with pytest.warns(DeprecationWarning, match="Sub") as caught:

        class Sub(Model):  # pyright: ignore[reportUnusedClass]
            pass

    (found,) = caught.list
    assert "class Sub(Model):" in linecache.getline(found.filename, found.lineno)


@pytest.mark.parametrize("options", [{}, {"kw_only": True}, {"slots": False}])
@either_copy
def test_exceptions_keep_their_args(options: Kind, copier: Copier) -> None:
    class BotError(Exception):
        code: int
        details: list[int]
        bot: object = attrs.field(metadata={SKIP_DEEP_COPY: True})
        unset: int = attrs.field(init=False)

    error = decorate(BotError, **options)(code=1, details=[2], bot=Pair())
    error.note = "extra"
    new = copier(error)
    assert type(new) is type(error)
    assert new.args == error.args == (1, [2], Pair())
    assert (new.code, new.details, new.note) == (1, [2], "extra")
    assert new.bot is new.args[2] is error.bot
    assert (new.details is error.details) is (copier is copy.copy)
    assert new.details is new.args[1]
    assert not hasattr(new, "unset")


@pytest.mark.parametrize("content", [{"key": [1]}, [[1], [2]]])
@pytest.mark.parametrize(
    "options",
    [
        {"slots": True},
        {"slots": False},
        {"slots": True, "getstate_setstate": False},
    ],
    ids=str,
)
@either_copy
def test_built_in_bases(content: typing.Any, options: Kind, copier: Copier) -> None:
    def describe(cls: typing.Any) -> object:
        model = cls([3])
        getattr(model, "update" if isinstance(content, dict) else "extend")(content)
        new = copier(model)
        return type(new) is cls, [*new], new.note, new.note is model.note

    # The twin has only what the `copy` module does for any object.
    cls, twin = (make(["note"], type(content), **options) for _ in range(2))
    expected = (True, [*content], [3], copier is copy.copy)
    assert describe(with_copy(cls)) == describe(twin) == expected


@either_copy
def test_a_built_in_base_without_a_state(copier: Copier) -> None:
    @with_copy
    @attrs.define
    class Model(dict[str, int]):
        value: int

        def __reduce__(self) -> tuple[object, ...]:
            return type(self), (self.value,)

    assert copier(Model(1)).value == 1


def test_a_cycle_through_a_built_in_base_ends() -> None:
    model = with_copy(make([], list, slots=False))()
    model.append(model)
    assert (new := copy.deepcopy(model))[0] is new is not model


def test_unchangeable_values_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [
        None, True, 5, 1.5, 2j, decimal.Decimal(1), "text", b"bytes", range(3), int,
        len, decorate, datetime.date(2026, 11, 23), datetime.time(18),
        datetime.datetime(2026, 11, 23, tzinfo=datetime.timezone.utc),
        datetime.timedelta(1), datetime.timezone.utc,
    ]  # fmt: skip
    monkeypatch.setattr(copy, "deepcopy", None)  # It isn't even called.
    cls = make(["value"])
    for value in values:
        assert deep_copy_attrs(cls(value)).value is value


@pytest.mark.parametrize("copier", [copy_attrs, deep_copy_attrs])
def test_undecorated_classes(copier: Copier) -> None:
    model = make(["value"])([1])
    assert copier(model) == model
    assert (copier(model).value is model.value) is (copier is copy_attrs)
    with pytest.raises(attrs.exceptions.NotAnAttrsClassError):
        copier(object())


def test_tracebacks_and_debuggers_show_the_generated_code() -> None:
    class Stubborn:
        def __deepcopy__(self, memo: object) -> None:
            raise AttributeError  # an attribute that's set, all the same

    with pytest.raises(AttributeError) as caught:
        copy.deepcopy(Pair(Stubborn()))
    shown = "".join(traceback.format_tb(caught.tb))
    assert "deepcopy(v0, memo)" in shown
    assert "new.right = self.right" in inspect.getsource(vars(Pair)["__copy__"])


@pytest.mark.system
@either_copy
def test_many_threads_make_the_first_copy_at_once(copier: Copier) -> None:
    threads, interval = 8, sys.getswitchinterval()
    start = threading.Barrier(threads)

    def run(model: typing.Any) -> bool:
        start.wait(10)
        return bool(copier(model) == model and replace(model, value=9).value == 9)

    # So short that threads switch in the middle of everything.
    sys.setswitchinterval(1e-6)
    try:
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            for _ in range(20):
                cls = with_copy(make(["value"]))
                assert all(pool.map(run, map(cls, range(threads))))
    finally:
        sys.setswitchinterval(interval)
