"""`with_copy` on attrs classes whose bases are built-in types, which hold a state of their own."""

from __future__ import annotations

import array
import builtins
import collections
import copy
import datetime
import decimal
import fractions
import functools
import io
import operator
import pathlib
import random
import threading
import types
import typing
import uuid
import weakref
import zoneinfo
from xml.etree import ElementTree

import attrs
import pytest

from hikari_sessions.internal.attr_extensions import SKIP_DEEP_COPY, with_copy

COPIERS = [copy.copy, copy.deepcopy]

GROUP: typing.Any = getattr(builtins, "BaseExceptionGroup", Exception)


class Case(typing.NamedTuple):
    base: type[typing.Any]
    args: tuple[typing.Any, ...]
    state: typing.Callable[[typing.Any], typing.Any]
    changeable: bool = False


State: typing.TypeAlias = typing.Callable[[typing.Any], object]


def told(*names: str) -> State:
    """Read what an exception shows, and some of its attributes."""
    return lambda model: (str(model), *(getattr(model, name) for name in names))


def called(*names: str) -> State:
    """Read what methods of an object return."""
    return lambda model: [getattr(model, name)() for name in names]


def with_items(name: str, make: State) -> State:
    """Read an attribute of a collection, and its items."""
    return lambda model: (getattr(model, name), make(model))


def items(model: typing.Any) -> object:
    return list(model.items())


def nothing(_model: object) -> None:
    """Give nothing: the base holds nothing."""


CASES: list[Case] = [
    Case(bytearray, (b"abc",), bytes),
    Case(bytes, (b"abc",), bytes),
    Case(complex, (1, 2), complex),
    Case(float, (1.5,), float),
    Case(frozenset, ({1, 2},), set),
    Case(int, (5,), int),
    Case(str, ("abc",), str.__str__),
    Case(tuple, ([1, [2]],), list, changeable=True),
    Case(collections.ChainMap, ({"a": [1]}, {"b": [2]}), operator.attrgetter("maps"), changeable=True),
    Case(collections.Counter, ("abca",), dict),
    Case(collections.OrderedDict, ({"b": [1], "a": [2]},), items, changeable=True),
    Case(collections.UserDict, ({"a": [1]},), dict, changeable=True),
    Case(collections.UserList, ([1, [2]],), list, changeable=True),
    Case(collections.defaultdict, (list, {"a": [1]}), with_items("default_factory", dict)),
    Case(collections.deque, ([1, [2]], 3), with_items("maxlen", list), changeable=True),
    Case(dict, ({"a": [1]},), dict, changeable=True),
    Case(list, ([1, [2]],), list, changeable=True),
    Case(set, ({1, 2},), set),
    Case(Exception, ("x", [1]), told("args")),
    Case(OSError, (2, "missing", "file"), told("errno", "filename", "args")),
    Case(UnicodeDecodeError, ("utf-8", b"x", 0, 1, "bad"), told("object", "end")),
    Case(StopIteration, (5,), operator.attrgetter("value")),
    Case(SystemExit, (3,), operator.attrgetter("code")),
    Case(ImportError, ("x",), operator.attrgetter("msg", "name")),
    Case(SyntaxError, ("x", ("f", 1, 2, "text")), told("filename", "lineno")),
    Case(GROUP, ("m", [ValueError(1)]), str),
    Case(array.array, ("i", [1, 2]), list),
    Case(datetime.date, (2026, 11, 23), datetime.date.isoformat),
    Case(datetime.datetime, (2026, 11, 23, 1, 2, 3, 4, datetime.timezone.utc), datetime.datetime.isoformat),
    Case(datetime.time, (18, 1), datetime.time.isoformat),
    Case(datetime.timedelta, (1, 2, 3), datetime.timedelta.total_seconds),
    Case(datetime.tzinfo, (), nothing),
    Case(decimal.Decimal, ("1.50",), decimal.Decimal.__str__),
    Case(fractions.Fraction, (1, 3), fractions.Fraction.__str__),
    Case(functools.partial, (int, "5"), called("__call__")),
    Case(io.BytesIO, (b"abc",), called("getvalue", "tell")),
    Case(io.RawIOBase, (), operator.attrgetter("closed")),
    Case(io.StringIO, ("abc",), called("getvalue", "tell")),
    Case(pathlib.PurePosixPath, ("/a/b",), pathlib.PurePosixPath.__str__),
    Case(random.Random, (3,), called("getstate")),
    Case(types.SimpleNamespace, (), nothing),
    Case(ElementTree.Element, ("a", {"b": "c"}), ElementTree.tostring),
    Case(uuid.UUID, ("12345678123456781234567812345678",), uuid.UUID.__str__),
]


def build(case: Case, **options: typing.Any) -> typing.Any:
    """Make an object of an attrs class on a base; its attribute `unset` is not set."""
    base = case.base

    @with_copy
    @attrs.define(init=False, eq=False, repr=False, weakref_slot=False, **options)
    class Model(base):  # type: ignore[misc, valid-type]
        value: list[int]
        unset: int

        if vars(base).get("__new__"):

            def __new__(cls, *args: typing.Any) -> typing.Any:
                return base.__new__(cls, *args)

        def __init__(self, *args: typing.Any) -> None:
            if base.__init__ is not object.__init__:
                base.__init__(self, *args)
            object.__setattr__(self, "value", [1])

    return Model(*case.args)


def is_sealed(base: type) -> bool:
    """Tell whether a type takes no slots in its subclasses."""
    try:
        type("Sub", (base,), {"__slots__": ("value",)})
    except TypeError:
        return True
    return False


# These assign attributes of their own when they are made or closed, which a frozen class forbids.
ASSIGNING = {
    collections.ChainMap,
    collections.UserDict,
    collections.UserList,
    fractions.Fraction,
    io.RawIOBase,
    pathlib.PurePosixPath,
    random.Random,
}

KINDS = [
    pytest.param(case, {"slots": slots, "frozen": frozen}, id=f"{case.base.__name__}-{slots=}-{frozen=}")
    for case in CASES
    for slots in (True, False)
    for frozen in (True, False)
    if not (slots and is_sealed(case.base)) and not (frozen and case.base in ASSIGNING)
]


@pytest.mark.parametrize(("case", "options"), KINDS)
class TestEveryBase:
    @pytest.mark.parametrize("copier", COPIERS)
    def test_a_copy_has_the_type_and_the_state(
        self, case: Case, options: dict[str, bool], copier: typing.Callable[[typing.Any], typing.Any]
    ) -> None:
        model = build(case, **options)
        new = copier(model)
        assert new is not model
        assert type(new) is type(model)
        assert case.state(new) == case.state(model)
        assert new.value == [1]
        assert (new.value is model.value) is (copier is copy.copy)

    @pytest.mark.parametrize("copier", COPIERS)
    def test_what_is_not_set_stays_not_set(
        self, case: Case, options: dict[str, bool], copier: typing.Callable[[typing.Any], typing.Any]
    ) -> None:
        model = build(case, **options)
        assert not hasattr(copier(model), "unset")
        object.__setattr__(model, "unset", 5)
        assert copier(model).unset == 5


@pytest.mark.parametrize("case", [case for case in CASES if case.changeable], ids=lambda case: case.base.__name__)
def test_a_deep_copy_copies_what_the_base_holds(case: Case) -> None:
    def inner(model: typing.Any) -> typing.Any:
        values: typing.Any = model.values() if hasattr(model, "values") else model
        return next(value for value in values if issubclass(value.__class__, list))

    model = build(case, slots=False)
    assert inner(copy.copy(model)) is inner(model)
    assert inner(copy.deepcopy(model)) == inner(model)
    assert inner(copy.deepcopy(model)) is not inner(model)


def test_a_cycle_through_a_base_that_can_change_is_closed() -> None:
    model = build(Case(list, ([],), list), slots=True)
    model.append(model)
    new = copy.deepcopy(model)
    assert new[0] is new


def test_a_cycle_through_a_base_that_cannot_change_is_closed() -> None:
    way_back: list[typing.Any] = []
    model = build(Case(tuple, ([way_back],), list), slots=False)
    way_back.append(model)
    new = copy.deepcopy(model)
    assert new is not model
    assert new[0][0] is new


@pytest.mark.parametrize("copier", COPIERS)
def test_methods_that_a_subclass_overrides_are_passed_by(copier: typing.Callable[[typing.Any], typing.Any]) -> None:
    def refuse(*args: object, **kwargs: object) -> typing.Any:
        pytest.fail("an overridden method was called")

    names = ("__iter__", "__getitem__", "__setitem__", "__len__", "append", "extend", "update", "items", "keys", "add")
    for base, args in ((list, [1]), (dict, {"a": 1}), (set, {1}), (collections.OrderedDict, {"a": 1})):
        cls: typing.Any = type("Sub", (base,), {})
        model = with_copy(attrs.define(slots=False, init=False, eq=False, repr=False)(cls))(args)
        for name in names:
            setattr(cls, name, refuse)
        new = copier(model)
        plain: typing.Any = base
        assert plain.__eq__(new, model)


def test_a_copy_of_a_collection_is_a_collection_of_its_own() -> None:
    for base, args in (
        (collections.UserDict, {"a": 1}),
        (collections.ChainMap, {"a": 1}),
        (collections.UserList, [1]),
        (dict, {"a": 1}),
        (list, [1]),
    ):
        model = build(Case(base, (args,), list), slots=False)
        new = copy.copy(model)
        new.clear()
        assert len(model) == 1


def test_what_the_layout_is_of_need_not_come_first() -> None:
    @with_copy
    @attrs.define(init=False, eq=False, slots=False)
    class Model(datetime.tzinfo, dict[str, typing.Any]):
        value: int

    make: typing.Any = Model
    model = make({"a": [1]})
    assert dict(copy.copy(model)) == {"a": [1]}
    assert copy.deepcopy(model)["a"] is not model["a"]


def test_a_key_that_hashes_by_an_attribute() -> None:
    @with_copy
    @attrs.define(init=False, eq=False, slots=False)
    class Registry(dict[typing.Any, int]):
        name: str

    class Key:
        def __init__(self, registry: Registry) -> None:
            self.registry = registry

        def __hash__(self) -> int:
            return hash(self.registry.name)

    model = Registry()
    model.name = "n"
    model[Key(model)] = 1
    (key,) = copy.deepcopy(model)
    assert key.registry.name == "n"
    assert key.registry is not model


def test_a_reduce_of_the_users_is_passed_by() -> None:
    @with_copy
    @attrs.define(slots=False, init=False, eq=False, repr=False)
    class Price(decimal.Decimal):
        currency: str

        def __reduce__(self) -> typing.NoReturn:
            pytest.fail("pickling was asked")

    model = Price("1.50")
    model.currency = "EUR"
    for copier in COPIERS:
        assert (copier(model), copier(model).currency) == (decimal.Decimal("1.50"), "EUR")


def test_a_base_with_a_setattr_of_its_own() -> None:
    @with_copy
    @attrs.define(slots=False, init=False, eq=False, repr=False)
    class Rounding(decimal.Context):
        name: str

    model: typing.Any = Rounding(prec=7)
    model.name = "n"
    for copier in COPIERS:
        assert (copier(model).prec, copier(model).name) == (7, "n")


@with_copy
@attrs.define
class MishapError(OSError):
    code: int
    notes: list[str] = attrs.field(factory=list[str])


class TestExceptions:
    @pytest.mark.parametrize("copier", COPIERS)
    def test_how_it_was_raised_is_shared(self, copier: typing.Callable[[typing.Any], typing.Any]) -> None:
        def fail() -> None:
            try:
                assert 1 / 0
            except ZeroDivisionError as cause:
                raise MishapError(5) from cause

        with pytest.raises(MishapError) as caught:
            fail()
        new = copier(caught.value)
        for name in ("__traceback__", "__cause__", "__context__", "__suppress_context__"):
            assert getattr(new, name) is getattr(caught.value, name)
        assert new.__cause__ is not None

    def test_a_context_that_is_not_suppressed_stays_so(self) -> None:
        model = MishapError(5)
        model.__context__ = ValueError()
        assert copy.copy(model).__suppress_context__ is False
        assert copy.copy(model).__context__ is model.__context__

    @pytest.mark.parametrize("copier", COPIERS)
    def test_what_it_shows_is_the_same(self, copier: typing.Callable[[typing.Any], typing.Any]) -> None:
        model = MishapError(5, ["a"])
        assert (str(copier(model)), copier(model).args) == (str(model), (5, ["a"]))

    def test_replace_changes_the_args_with_the_attributes(self) -> None:
        model: typing.Any = MishapError(5, ["a"])
        new = model.__replace__(code=6)
        assert (new.code, new.args, str(new)) == (6, (6, ["a"]), str(MishapError(6, ["a"])))

    @pytest.mark.parametrize("frozen", [True, False])
    def test_replace_changes_the_args_of_a_frozen_one_too(self, *, frozen: bool) -> None:
        make: typing.Any = attrs.make_class("FailedError", ["code"], bases=(Exception,), frozen=frozen)
        new = with_copy(make)(5).__replace__(code=6)
        assert (new.args, new.code) == ((6,), 6)

    @pytest.mark.parametrize("copier", COPIERS)
    def test_how_much_was_written_before_it_is_kept(self, copier: typing.Callable[[typing.Any], typing.Any]) -> None:
        model: typing.Any = MishapError(5)
        assert not hasattr(copier(model), "characters_written")
        model.characters_written = 3
        assert copier(model).characters_written == 3

    def test_what_a_deep_copy_skips_is_shared_in_the_args_too(self) -> None:
        @with_copy
        @attrs.define
        class LockedError(Exception):
            lock: object = attrs.field(metadata={SKIP_DEEP_COPY: True})
            notes: list[int] = attrs.field(factory=list[int])
            unset: int = attrs.field(init=False, metadata={SKIP_DEEP_COPY: True})

        model = LockedError(threading.Lock())
        new = copy.deepcopy(model)
        assert new.lock is new.args[0] is model.lock
        assert new.notes is new.args[1]
        assert new.notes is not model.notes

    # The second has as many as __init__ takes, and the third the beginning of what it took.
    @pytest.mark.parametrize("args", [("told otherwise",), ("told", "otherwise"), (5,)])
    def test_replace_keeps_args_of_the_users(self, args: tuple[object, ...]) -> None:
        model: typing.Any = MishapError(5)
        model.args = args
        assert model.__replace__(code=6).args == args

    @pytest.mark.skipif(GROUP is Exception, reason="exception groups came with Python 3.11")
    @pytest.mark.parametrize("copier", COPIERS)
    def test_a_group_keeps_its_exceptions(self, copier: typing.Callable[[typing.Any], typing.Any]) -> None:
        model = build(Case(GROUP, ("m", [ValueError(1)]), str), slots=True)
        new = copier(model)
        assert new.message == "m"
        assert [type(inner) for inner in new.exceptions] == [ValueError]
        assert (new.exceptions[0] is model.exceptions[0]) is (copier is copy.copy)


@pytest.mark.parametrize(
    ("base", "args"),
    [(io.BytesIO, ()), (io.StringIO, ()), (functools.partial, (int,)), (types.SimpleNamespace, ())],
    ids=str,
)
def test_what_a_deep_copy_skips_is_shared_where_the_base_pickles_it_too(
    base: typing.Any, args: tuple[object, ...]
) -> None:
    @with_copy
    @attrs.define(slots=False, init=False, eq=False, repr=False)
    class Model(base):  # type: ignore[misc]
        value: list[int]
        lock: object = attrs.field(metadata={SKIP_DEEP_COPY: True})

    model: typing.Any = Model(*args)
    model.value, model.lock = [1], threading.Lock()
    new = copy.deepcopy(model)
    assert (new.value, new.lock) == ([1], model.lock)
    assert new.value is not model.value


@pytest.mark.parametrize("copier", COPIERS)
@pytest.mark.parametrize(
    ("base", "name", "value"),
    [
        (collections.ChainMap, "maps", [{"a": 1}]),
        (collections.UserDict, "data", {"a": 1}),
        (collections.UserList, "data", [1]),
    ],
)
@pytest.mark.parametrize("slots", [True, False])
def test_a_collection_whose_items_are_in_an_attribute_of_the_class(
    base: typing.Any, name: str, value: typing.Any, copier: typing.Callable[[typing.Any], typing.Any], *, slots: bool
) -> None:
    cls: typing.Any = attrs.make_class("Model", {name: attrs.field()}, bases=(base,), slots=slots, eq=False)
    model = with_copy(cls)(value)
    new = copier(model)
    new.clear()
    assert (list(model), list(new)) == (list(value[0] if name == "maps" else value), [])


@pytest.mark.parametrize("copier", COPIERS)
@pytest.mark.parametrize("base", [collections.ChainMap, collections.UserDict, collections.UserList])
def test_a_collection_that_was_never_filled(
    base: typing.Any, copier: typing.Callable[[typing.Any], typing.Any]
) -> None:
    cls: typing.Any = attrs.make_class("Model", ["value"], bases=(base,), slots=False, eq=False)
    new = copier(with_copy(cls)(5))
    assert vars(new) == {"value": 5}


def test_a_chain_of_no_maps() -> None:
    model: typing.Any = build(Case(collections.ChainMap, (), len), slots=False)
    maps: list[object] = []
    model.maps = maps
    assert vars(copy.copy(model)) == {**vars(model), "maps": []}
    assert vars(copy.copy(model))["maps"] is not maps


@pytest.mark.parametrize("copier", COPIERS)
def test_a_state_of_the_users_that_has_the_attributes(copier: typing.Callable[[typing.Any], typing.Any]) -> None:
    class Noted(io.BytesIO):
        def __getstate__(self) -> typing.Any:
            return self.getvalue(), vars(self)

        def __setstate__(self, state: typing.Any) -> None:
            self.write(state[0])
            vars(self).update(state[1])

    model = build(Case(Noted, (b"abc",), called("getvalue")), slots=False)
    assert (copier(model).getvalue(), copier(model).value) == (b"abc", [1])


@pytest.mark.parametrize("copier", COPIERS)
def test_a_state_that_ends_with_something_else_is_carried_over_whole(
    copier: typing.Callable[[typing.Any], typing.Any],
) -> None:
    bytes_io: typing.Any = io.BytesIO

    class Noted(io.BytesIO):
        def __getstate__(self) -> typing.Any:
            return (*bytes_io.__getstate__(self), "note")

        def __setstate__(self, state: typing.Any) -> None:
            bytes_io.__setstate__(self, state[:-1])
            self.note = state[-1]

    new = copier(build(Case(Noted, (b"abc",), called("getvalue")), slots=False))
    assert (new.getvalue(), new.note) == (b"abc", "note")


@pytest.mark.parametrize("copier", COPIERS)
@pytest.mark.parametrize("base", [weakref.WeakKeyDictionary, weakref.WeakSet, weakref.WeakValueDictionary])
def test_what_knows_its_items_weakly_is_refused(base: type, copier: typing.Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match=r"^can't copy a .*\.Model: what it refers to weakly can't be carried over$"):
        copier(build(Case(base, (), len), slots=False))


@pytest.mark.parametrize("copier", COPIERS)
@pytest.mark.parametrize(("base", "args"), [(types.ModuleType, ("m",)), (property, ()), (classmethod, (len,))], ids=str)
def test_a_state_that_cannot_be_reached_is_refused_and_not_lost(
    base: type, args: tuple[object, ...], copier: typing.Callable[[object], object]
) -> None:
    model = build(Case(base, args, repr), slots=False)
    with pytest.raises(
        TypeError, match=rf"^can't copy a .*\.Model: what it holds as a {base.__name__} can't be reached$"
    ):
        copier(model)


def test_a_base_that_unpickles_to_something_else_is_refused() -> None:
    @with_copy
    @attrs.define(slots=False, init=False)
    class Zone(zoneinfo.ZoneInfo):
        value: int

    with pytest.raises(TypeError, match=r"can't copy a .*Zone"):
        copy.copy(Zone("Europe/Berlin"))
