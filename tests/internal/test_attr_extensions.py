"""`with_copy`: exact copies, on any attrs class."""

from __future__ import annotations

import abc
import collections
import concurrent.futures
import copy
import datetime
import decimal
import enum
import functools
import gc
import inspect
import linecache
import operator
import pickle
import subprocess
import sys
import threading
import traceback
import types
import typing
import weakref

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest

from hikari_sessions.internal import attr_extensions
from hikari_sessions.internal.attr_extensions import SKIP_DEEP_COPY, copy_attrs, deep_copy_attrs, with_copy

COPIERS: list[typing.Callable[[typing.Any], typing.Any]] = [copy.copy, copy.deepcopy]


def replaced(model: typing.Any) -> typing.Any:
    return model.__replace__(other=4)


T = typing.TypeVar("T")

# For options that mypy's plugin would want to know.
define: typing.Any = attrs.define


def make_class(*args: typing.Any, **options: typing.Any) -> typing.Any:
    """Make a decorated class that no type checker knows."""
    cls: typing.Any = attrs.make_class(*args, **options)
    return with_copy(cls)


class Shouting:
    """Whatever would run if a copy were constructed, raises once it is armed."""

    armed = False

    @classmethod
    def shout(cls, *args: typing.Any) -> typing.Any:
        assert not cls.armed, "a copy was constructed"
        return args[-1]

    @classmethod
    def make_default(cls) -> list[int]:
        return typing.cast("list[int]", cls.shout([1]))


@pytest.fixture
def armed(monkeypatch: pytest.MonkeyPatch) -> typing.Callable[[], None]:
    return lambda: monkeypatch.setattr(Shouting, "armed", True)


def build(*, above: bool = True, **options: typing.Any) -> type[typing.Any]:
    """Make a class with one attribute of each kind."""

    class Model:
        public: list[int] = attrs.field()
        _private: str = attrs.field()
        renamed: int = attrs.field(alias="other")
        computed: list[int] = attrs.field(init=False, factory=lambda: [1])
        unset: int = attrs.field(init=False)
        shared: list[int] = attrs.field(factory=list[int], metadata={SKIP_DEEP_COPY: True})

    if above:
        return with_copy(define(**options)(Model))
    return typing.cast("type[typing.Any]", define(**options)(with_copy(Model)))


def model_of(cls: type[typing.Any]) -> typing.Any:
    return cls(public=[1, 2], private="p", other=3)


KINDS = [
    pytest.param(
        {"above": above, "slots": slots, "frozen": frozen, "weakref_slot": weakref_slot},
        id="-".join(
            (
                "above" if above else "below",
                "slots" if slots else "dict",
                "frozen" if frozen else "mutable",
                "weakref" if weakref_slot else "noweakref",
            )
        ),
    )
    for above in (True, False)
    for slots in (True, False)
    for frozen in (True, False)
    for weakref_slot in (True, False)
]


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKindOfClass:
    def test_copy_shares_the_values(self, kind: dict[str, bool]) -> None:
        model = model_of(build(**kind))
        new = copy.copy(model)
        assert type(new) is type(model)
        assert new is not model
        for name in ("public", "_private", "renamed", "computed", "shared"):
            assert getattr(new, name) is getattr(model, name)

    def test_deepcopy_copies_the_values_but_for_those_to_skip(self, kind: dict[str, bool]) -> None:
        model = model_of(build(**kind))
        new = copy.deepcopy(model)
        assert type(new) is type(model)
        for name in ("public", "computed"):
            assert getattr(new, name) == getattr(model, name)
            assert getattr(new, name) is not getattr(model, name)
        for name in ("_private", "renamed", "shared"):
            assert getattr(new, name) is getattr(model, name)

    @pytest.mark.parametrize("copier", [*COPIERS, replaced])
    def test_what_is_not_set_stays_not_set(self, kind: dict[str, bool], copier: typing.Any) -> None:
        model = model_of(build(**kind))
        assert not hasattr(copier(model), "unset")
        object.__setattr__(model, "unset", 5)
        assert copier(model).unset == 5

    def test_replace_changes_by_init_names_and_keeps_the_rest(self, kind: dict[str, bool]) -> None:
        model = model_of(build(**kind))
        new = model.__replace__(private="q", other=4)
        assert (new._private, new.renamed) == ("q", 4)
        assert (model._private, model.renamed) == ("p", 3)
        for name in ("public", "computed", "shared"):
            assert getattr(new, name) is getattr(model, name)

    @pytest.mark.parametrize("name", ["unknown", "_private", "renamed", "computed", "unset"])
    def test_replace_refuses_what_init_does_not_take(self, kind: dict[str, bool], name: str) -> None:
        model = model_of(build(**kind))
        with pytest.raises(TypeError, match=rf"Model.__replace__\(\).*'{name}'"):
            model.__replace__(**{name: 1})

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            ("unknown", "got an unexpected keyword argument 'unknown'"),
            ("_private", "got an unexpected keyword argument '_private'"),
            ("renamed", "got an unexpected keyword argument 'renamed'"),
            ("computed", "can't replace 'computed', which __init__ does not take"),
            ("unset", "can't replace 'unset', which __init__ does not take"),
        ],
    )
    def test_replace_tells_an_unknown_name_from_one_that_init_does_not_take(
        self, kind: dict[str, bool], name: str, problem: str
    ) -> None:
        cls = build(**kind)
        with pytest.raises(TypeError) as caught:
            model_of(cls).__replace__(**{name: 1})
        assert str(caught.value) == f"{cls.__qualname__}.__replace__() {problem}"

    def test_none_is_set_and_not_taken_for_what_is_not(self, kind: dict[str, bool]) -> None:
        model = build(**kind)(public=None, private="p", other=3)
        for copier in COPIERS:
            assert copier(model).public is None

    def test_replace_adds_no_attribute(self, kind: dict[str, bool]) -> None:
        model = model_of(type("Plain", (build(**kind),), {}))
        assert set(model.__replace__(other=4).__dict__) == set(model.__dict__)

    def test_copies_of_copies(self, kind: dict[str, bool]) -> None:
        model = model_of(build(**kind))
        for copier in (copy.copy, copy.deepcopy, copy.copy, operator.methodcaller("__replace__", other=3)):
            model = copier(model)
        assert (model.public, model._private, model.renamed, model.computed) == ([1, 2], "p", 3, [1])

    def test_the_class_is_the_one_that_was_given(self, kind: dict[str, bool]) -> None:
        cls = build(**kind)
        assert with_copy(cls) is cls

    def test_a_plain_subclass_with_a_dict_of_its_own(self, kind: dict[str, bool]) -> None:
        class Plain(build(**kind)):  # type: ignore[misc]
            pass

        model = model_of(Plain)
        vars(model)["extra"] = [1]
        assert type(copy.copy(model)) is Plain
        assert copy.copy(model).extra is model.extra
        assert copy.deepcopy(model).extra == [1]
        assert copy.deepcopy(model).extra is not model.extra
        assert not hasattr(copy.copy(model), "unset")
        assert model.__replace__(other=4).extra is model.extra

    def test_an_undecorated_attrs_subclass(self, kind: dict[str, bool]) -> None:
        @define(slots=kind["slots"], frozen=kind["frozen"])
        class Sub(build(**kind)):  # type: ignore[misc]
            added: list[int] = attrs.field(factory=list[int], kw_only=True)
            kept: list[int] = attrs.field(init=False, factory=list[int])

        model = model_of(Sub)
        assert type(copy.copy(model)) is Sub
        assert copy.copy(model).added is model.added
        assert copy.deepcopy(model).added is not model.added
        new = model.__replace__(added=[7])
        assert new.added == [7]
        assert new.kept is model.kept

    def test_the_parent_is_copied_after_a_subclass(self, kind: dict[str, bool]) -> None:
        parent = build(**kind)
        sub = type("Sub", (parent,), {})
        for copier in COPIERS:
            for cls in (sub, parent, sub):
                assert type(copier(model_of(cls))) is cls

    def test_a_cycle_is_closed(self, kind: dict[str, bool]) -> None:
        model = model_of(build(**kind))
        model.public.append(model)
        new = copy.deepcopy(model)
        assert new.public[-1] is new

    def test_a_cycle_is_closed_where_something_is_set_that_was_not(self, kind: dict[str, bool]) -> None:
        model = model_of(build(**kind))
        object.__setattr__(model, "unset", [model, model.public])
        new = copy.deepcopy(model)
        assert new.unset[0] is new
        assert new.unset[1] is new.public

    def test_a_child_that_is_reached_twice_is_copied_once(self, kind: dict[str, bool]) -> None:
        cls = build(**kind)
        child = model_of(cls)
        first, second = copy.deepcopy([model_of(cls).__replace__(public=[child]) for _ in range(2)])
        assert first is not second
        assert first.public[0] is second.public[0]
        assert first.public[0] is not child

    def test_what_is_in_the_memo_is_used(self, kind: dict[str, bool]) -> None:
        model = model_of(build(**kind))
        stand_in = object()
        assert copy.deepcopy(model, {id(model.public): stand_in}).public is stand_in
        assert copy.deepcopy(model, {id(model): stand_in}) is stand_in
        assert deep_copy_attrs(model, {id(model): stand_in}) is stand_in
        assert model.__deepcopy__({id(model): stand_in}) is stand_in

    def test_what_is_copied_goes_into_the_memo(self, kind: dict[str, bool]) -> None:
        model = model_of(build(**kind))
        memo: dict[int, typing.Any] = {}
        new = deep_copy_attrs(model, memo)
        assert memo[id(model)] is new
        assert memo[id(model.public)] is new.public
        assert deep_copy_attrs(model, memo) is new

    def test_a_deep_copy_without_a_memo_begins_one_whenever_it_is_asked_for(self, kind: dict[str, bool]) -> None:
        model = model_of(build(**kind))
        for _ in range(2):
            assert model.__deepcopy__().public == model.__deepcopy__(None).public == [1, 2]
            assert model.__deepcopy__().public is not model.public

    def test_a_memo_that_has_none_in_it_changes_nothing(self, kind: dict[str, bool]) -> None:
        model = model_of(build(**kind))
        assert deep_copy_attrs(model, {id(None): None}).public == [1, 2]

    def test_nothing_is_constructed(self, kind: dict[str, bool], armed: typing.Callable[[], None]) -> None:
        above = kind["above"]
        options = {name: value for name, value in kind.items() if name != "above"}
        hooks: dict[str, typing.Any] = {} if kind["frozen"] else {"on_setattr": Shouting.shout}

        class Model:
            value: int = attrs.field(converter=Shouting.shout, validator=Shouting.shout)
            made: list[int] = attrs.field(factory=Shouting.make_default)
            kept: list[int] = attrs.field(init=False, factory=Shouting.make_default)

            def __new__(cls, *args: object, **kwargs: object) -> Model:  # noqa: PYI034
                return typing.cast("Model", Shouting.shout(super().__new__(cls)))

            def __attrs_pre_init__(self) -> None:
                Shouting.shout(None)

            def __attrs_post_init__(self) -> None:
                Shouting.shout(None)

        cls: typing.Any
        decorate = define(**options, **hooks)
        cls = with_copy(decorate(Model)) if above else decorate(with_copy(Model))
        model = cls(value=1)
        armed()
        assert copy.copy(model).made is model.made
        assert copy.deepcopy(model).made == [1]
        new = model.__replace__(value="not converted")
        assert (new.value, new.made, new.kept) == ("not converted", [1], [1])

    def test_a_class_that_is_dropped_is_collected(self, kind: dict[str, bool]) -> None:
        cls = build(**kind)
        for copier in COPIERS:
            copier(model_of(cls))
        dropped = weakref.ref(cls)
        del cls
        gc.collect()
        assert dropped() is None

    @pytest.mark.skipif(sys.version_info < (3, 13), reason="copy.replace came with Python 3.13")
    def test_copy_replace_is_dunder_replace(self, kind: dict[str, bool]) -> None:
        model = model_of(build(**kind))
        replace: typing.Any = getattr(copy, "replace", None)
        new = replace(model, other=4)
        assert new.renamed == 4
        assert new.computed is model.computed


@with_copy
@attrs.define
class Pair:
    left: typing.Any = None
    right: typing.Any = None


class TestInheritance:
    def test_a_slotted_base_that_is_no_attrs_class(self) -> None:
        class Base:
            __slots__ = ("__weakref__", "cache")

        @with_copy
        @attrs.define
        class Model(Base):
            value: int

        model: typing.Any = Model(1)
        assert not hasattr(copy.copy(model), "cache")
        model.cache = [1]
        assert copy.copy(model).cache is model.cache
        assert copy.deepcopy(model).cache == [1]
        assert copy.deepcopy(model).cache is not model.cache

    def test_a_slot_that_a_subclass_hides(self) -> None:
        class Base:
            __slots__ = ("value",)

        class Hiding(Base):
            __slots__ = ("value",)
            value: object

        @with_copy
        @attrs.define(slots=False)
        class Model(Hiding):
            other: int

        model = Model(1)
        vars(Base)["value"].__set__(model, "hidden")
        vars(Hiding)["value"].__set__(model, ["seen"])
        for copier in COPIERS:
            new = copier(model)
            assert vars(Base)["value"].__get__(new) == "hidden"
            assert new.value == ["seen"]

    def test_several_bases(self) -> None:
        @attrs.define
        class First:
            first: int

        @with_copy
        @attrs.define(slots=False)
        class Second:
            second: list[int]

        @attrs.define(slots=False)
        class Both(First, Second):
            third: int

        model = Both(second=[1], first=2, third=3)
        assert copy.copy(model) == model
        assert copy.deepcopy(model).second is not model.second
        assert copy.deepcopy(model) == model

    @pytest.mark.parametrize("name", ["hidden", "_hidden"])
    def test_replace_knows_what_init_does_not_take_by_either_name(self, name: str) -> None:
        model = make_class("Model", {"_hidden": attrs.field(init=False)})()
        with pytest.raises(TypeError) as caught:
            model.__replace__(**{name: 1})
        assert str(caught.value) == f"Model.__replace__() can't replace {name!r}, which __init__ does not take"

    def test_a_mangled_name(self) -> None:
        @with_copy
        @attrs.define
        class Model:
            __value: list[int]  # pyright: ignore[reportGeneralTypeIssues] - attrs takes it, unlike dataclasses

        model: typing.Any = Model([1])
        assert copy.copy(model) == model
        assert copy.deepcopy(model)._Model__value == [1]

    def test_names_that_the_compiler_would_change(self) -> None:
        # The first is one character, a ligature, which the compiler takes for two.
        names = ("\ufb01", "fi", "class")
        base = type("Base", (), {"__slots__": names})
        cls: typing.Any = attrs.make_class("Model", [], bases=(base,), slots=False)
        model = with_copy(cls)()
        for name in names:
            setattr(model, name, [name])
        for copier in COPIERS:
            for name in names:
                assert getattr(copier(model), name) == [name]

    def test_a_slot_that_is_found_under_another_name(self) -> None:
        class Base:
            __slots__ = ("value",)

        member: typing.Any = vars(Base)["value"]
        setattr(Base, "renamed", member)
        delattr(Base, "value")
        cls: typing.Any = attrs.make_class("Model", [], bases=(Base,))
        model = with_copy(cls)()
        model.renamed = [1]
        for copier in COPIERS:
            assert copier(model).renamed == [1]

    def test_members_of_classes_that_are_no_bases_are_no_state(self) -> None:
        class Other:
            __slots__ = ("value",)

        cls: typing.Any = make_class("Model", ["value"], slots=False)
        cls.other, cls.days = vars(Other)["value"], datetime.timedelta.days
        for copier in COPIERS:
            assert copier(cls(5)).value == 5

    def test_whether_it_is_a_subclass_is_not_asked_of_its_bases(self) -> None:
        class Shape(typing.Protocol):
            __slots__ = ("value",)
            value: int

        class Sealed(abc.ABC):  # noqa: B024
            __slots__ = ("other",)

            @classmethod
            def __subclasshook__(cls, subclass: type) -> bool:
                return False

        for base, name in ((Shape, "value"), (Sealed, "other")):
            model: typing.Any = make_class("Model", ["own"], bases=(base,), slots=True)(1)
            setattr(model, name, [2])
            for copier in COPIERS:
                assert (copier(model).own, getattr(copier(model), name)) == (1, [2])

    def test_a_base_with_a_slot_that_no_one_can_assign_to_by_its_name(self) -> None:
        base: typing.Any = type("Base", (), {"__slots__": ("__debug__",)})
        cls: typing.Any = make_class("Model", ["value"], bases=(base,))
        model = cls(5)
        slot = typing.cast("typing.Any", vars(base)["__debug__"])
        slot.__set__(model, [1])
        for copier in COPIERS:
            assert slot.__get__(copier(model)) == [1]

    def test_subclasses_share_the_memo_of_their_copies(self) -> None:
        class Sub(Pair):
            pass

        copy.deepcopy(Pair(1))
        shared = [1]
        first, second = copy.deepcopy([Sub(shared), Sub(shared)])
        assert first.left is second.left
        way_back: list[typing.Any] = []
        way_back.append(Sub(way_back))
        new = copy.deepcopy(way_back)
        assert new[0].left is new
        assert copy.deepcopy(Pair(Sub(1))).left.left == 1

    def test_generics(self) -> None:
        @with_copy
        @attrs.define(slots=False)
        class Box(typing.Generic[T]):
            value: T

        model: typing.Any = Box[list[int]]([1])
        assert copy.copy(model).value is model.value
        assert copy.deepcopy(model) == model
        assert copy.deepcopy(model).__orig_class__ == Box[list[int]]

    def test_abstract_bases_and_metaclasses(self) -> None:
        class Base(abc.ABC):
            @abc.abstractmethod
            def run(self) -> int: ...

        @with_copy
        @attrs.define
        class Model(Base):
            value: list[int]

            def run(self) -> int:
                return len(self.value)

        assert copy.deepcopy(Model([1])).run() == 1

    def test_a_subclass_that_overrides_and_calls_super(self) -> None:
        class Sub(Pair):
            def __copy__(self) -> Sub:
                base: typing.Any = super()
                new = base.__copy__()
                new.right = "copied"
                return typing.cast("Sub", new)

            def __deepcopy__(self, memo: dict[int, typing.Any]) -> Sub:
                base: typing.Any = super()
                new = base.__deepcopy__(memo)
                new.right = "deep-copied"
                return typing.cast("Sub", new)

        model = Sub([1])
        for _ in range(2):
            assert (type(copy.copy(model)), copy.copy(model).right) == (Sub, "copied")
            assert (type(copy.deepcopy(model)), copy.deepcopy(model).right) == (Sub, "deep-copied")

    def test_a_class_that_calls_copy_attrs_in_a_copy_of_its_own(self) -> None:
        @attrs.define
        class Model:
            value: list[int]
            copies: int = 0

            def __copy__(self) -> Model:
                self.copies += 1
                return copy_attrs(self)

            def __deepcopy__(self, memo: dict[int, typing.Any]) -> Model:
                self.copies += 1
                return deep_copy_attrs(self, memo)

        model = Model([1])
        assert copy.copy(model).value is model.value
        assert copy.deepcopy(model).value == [1]
        assert copy.deepcopy(model).value is not model.value
        assert model.copies == 3

    def test_a_class_that_is_decorated_again_by_attrs(self) -> None:
        first: typing.Any = make_class("Model", ["value"], slots=False)
        copy.copy(first(1))
        second: typing.Any = attrs.make_class(
            "Model", ["other"], bases=(first,), class_body=dict(vars(typing.cast("type", first)))
        )
        for copier in COPIERS:
            new = copier(second(1, 2))
            assert type(new) is second
            assert (new.value, new.other) == (1, 2)

    @pytest.mark.parametrize("above", [True, False])
    @pytest.mark.parametrize("slots", [True, False])
    def test_init_subclass_of_the_users_goes_on_working(self, *, above: bool, slots: bool) -> None:
        seen: list[tuple[str, str, object]] = []

        class Root:
            def __init_subclass__(cls, **kwargs: object) -> None:
                seen.append(("root", cls.__name__, kwargs))

        class Model(Root):
            def __init_subclass__(cls, flag: object = None, **kwargs: object) -> None:
                seen.append(("model", cls.__name__, flag))
                super().__init_subclass__(**kwargs)

        decorate = define(slots=slots)
        model: typing.Any = with_copy(decorate(Model)) if above else decorate(with_copy(Model))
        seen.clear()
        type("Sub", (model,), {}, flag=1)
        assert seen == [("model", "Sub", 1), ("root", "Sub", {})]

    def test_init_subclass_of_other_bases_is_called(self) -> None:
        seen: list[type] = []

        class Other:
            def __init_subclass__(cls) -> None:
                seen.append(cls)

        class Sub(Pair, Other):
            pass

        assert seen == [Sub]

    def test_a_hook_for_attrs_subclasses_goes_on_working(self) -> None:
        seen: list[type] = []

        @with_copy
        @attrs.define
        class Base:
            @classmethod
            def __attrs_init_subclass__(cls) -> None:
                seen.append(cls)

        @attrs.define
        class Sub(Base):
            value: int

        assert seen == [Sub]

    def test_no_subclass_gets_the_replace_of_attrs(self) -> None:
        # From Python 3.13 on attrs adds it itself; before that, it is added here.
        @define(slots=False)
        class Other:
            other: int = 0
            __replace__ = attrs.evolve

        @attrs.define
        class Sub(Pair):
            kept: object = attrs.field(init=False, factory=object)

            @classmethod
            def __attrs_init_subclass__(cls) -> None:
                base: typing.Any = super()
                base.__attrs_init_subclass__()

        class Both(Other, Sub):
            pass

        for cls in (Sub, Both):
            model: typing.Any = cls()
            model.kept = object()
            assert model.__replace__().kept is model.kept
        sub: typing.Any = Sub(1, 2)
        assert sub.__replace__(left=3) != sub

    def test_a_replace_of_the_subclass_stays(self) -> None:
        @attrs.define
        class Sub(Pair):
            def __replace__(self, **changes: object) -> str:
                return "mine"

        class Below(Sub):
            pass

        assert Sub().__replace__(left=1) == "mine"
        assert Below().__replace__(left=1) == "mine"

    @pytest.mark.parametrize(
        "replace", [operator.itemgetter(0), types.FunctionType(build.__code__, {})], ids=["no function", "no module"]
    )
    def test_a_replace_of_the_subclass_may_be_anything(self, replace: object) -> None:
        sub = type("Sub", (Pair,), {"__replace__": replace})
        assert vars(sub)["__replace__"] is replace

    def test_decorating_twice_is_decorating_once(self) -> None:
        twice: typing.Any = with_copy(make_class("Model", ["value"]))
        sub: typing.Any = type("Sub", (twice,), {})
        assert copy.deepcopy(sub([1])).value == [1]

    def test_a_new_that_is_set_back_to_that_of_object(self) -> None:
        class Base:
            __new__ = object.__new__

        @with_copy
        @attrs.define
        class Model(Base):
            value: list[int]

        model = Model([1])
        assert copy.copy(model).value is model.value
        assert copy.deepcopy(model).value == [1]

    def test_the_members_of_an_enumeration_are_one_of_each(self) -> None:
        @with_copy
        @attrs.define(slots=False, eq=False)
        class Label:
            text: str = ""

        class Colour(Label, enum.Enum):
            RED = "r"

        for copier in (*COPIERS, copy_attrs, deep_copy_attrs):
            assert copier(Colour.RED) is Colour.RED
        red: typing.Any = Colour.RED
        assert red.__replace__() is red
        with pytest.raises(TypeError) as caught:
            red.__replace__(text="s")
        assert str(caught.value) == (
            f"{Colour.__qualname__}.__replace__() can't change {red!r}: there can be no copy of it"
        )

    @pytest.mark.parametrize("copier", [copy_attrs, deep_copy_attrs])
    def test_classes_are_one_of_each(self, copier: typing.Any) -> None:
        meta: typing.Any = make_class("Meta", [], bases=(type,), eq=False, init=False)
        cls = meta("Class", (), {})
        assert copier(cls) is cls

    def test_skip_deep_copy_holds_for_every_base(self) -> None:
        @define(slots=False)
        class Other:
            other: list[int] = attrs.field(factory=list[int], metadata={SKIP_DEEP_COPY: True})

        class Both(Pair, Other):
            pass

        model: typing.Any = Both([1])
        model.other = [2]
        new = copy.deepcopy(model)
        assert new.other is model.other
        assert new.left is not model.left


class TestWhatIsCopied:
    @pytest.mark.parametrize(
        "value",
        [
            None, True, 5, 10**100, 1.5, 2j, "text", b"bytes", range(3), ..., NotImplemented, int, len, print, replaced,
            replaced.__code__, weakref.ref(replaced), property(replaced),
            decimal.Decimal("1.5"), datetime.date(2026, 11, 23), datetime.time(18), datetime.timedelta(1),
            datetime.datetime(2026, 11, 23, tzinfo=datetime.timezone.utc), datetime.timezone.utc,
        ],
        ids=lambda value: type(value).__name__,
    )  # fmt: skip
    def test_values_that_cannot_change_are_shared_without_the_copy_module(
        self, value: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        copy.deepcopy(Pair())
        model: typing.Any = Pair(value, [value])
        assert copy.deepcopy(model).left is value
        assert copy.deepcopy(model).right[0] == value
        called: list[object] = []

        def deepcopy(*args: object) -> None:
            called.append(args)

        generated = vars(Pair)["__deepcopy__"].__globals__
        monkeypatch.setitem(generated, "deepcopy", deepcopy)
        model = Pair(value, value)
        assert model.__deepcopy__({}) == model
        assert called == []

    def test_a_datetime_subclass_is_copied(self) -> None:
        class Moment(datetime.datetime):
            pass

        moment: typing.Any = Moment(2026, 11, 23, tzinfo=datetime.timezone.utc)
        moment.notes = []
        new = copy.deepcopy(Pair(moment)).left
        assert new == moment
        assert new is not moment

    def test_a_false_skip_deep_copy_skips_nothing(self) -> None:
        @with_copy
        @attrs.define
        class Model:
            value: list[int] = attrs.field(metadata={SKIP_DEEP_COPY: False})

        model = Model([1])
        assert copy.deepcopy(model).value is not model.value

    @pytest.mark.parametrize("slots", [True, False])
    def test_a_cached_property_is_state_but_not_after_replace(self, *, slots: bool) -> None:
        @with_copy
        @define(slots=slots)
        class Model:
            value: int

            @functools.cached_property
            def double(self) -> list[int]:
                return [self.value * 2]

        make: typing.Any = Model
        model = make(2)
        assert copy.copy(model).double == [4]
        assert model.__replace__(value=3).double == [6]
        cached = model.double
        assert copy.copy(model).double is cached
        assert copy.deepcopy(model).double == [4]
        assert copy.deepcopy(model).double is not cached
        assert model.__replace__(value=3).double == [6]
        assert model.double is cached

    @pytest.mark.parametrize("slots", [True, False])
    def test_replace_forgets_the_cached_properties_of_every_base(self, *, slots: bool) -> None:
        @define(slots=slots)
        class Base:
            value: int

            @functools.cached_property
            def double(self) -> int:
                return self.value * 2

        @with_copy
        @define(slots=slots)
        class Model(Base):
            @functools.cached_property
            def triple(self) -> int:
                return self.value * 3

        make: typing.Any = Model
        model = make(2)
        assert (model.double, model.triple) == (4, 6)
        new = model.__replace__(value=5)
        assert (new.double, new.triple) == (10, 15)

    @pytest.mark.parametrize("slots", [True, False])
    def test_what_overrides_a_cached_property_is_kept(self, *, slots: bool) -> None:
        @define(slots=slots)
        class Base:
            value: int

            @functools.cached_property
            def area(self) -> int:
                return self.value * 2

        @with_copy
        @define(slots=slots)
        class Model(Base):
            area: int = 5

        class Plain(Base):
            area = 0

        make: typing.Any = Model
        assert make(1, 7).__replace__(value=2) == make(2, 7)
        assert make(1, 7).__replace__(area=9) == make(1, 9)
        make_plain: typing.Any = with_copy(Plain)
        plain = make_plain(1)
        plain.__dict__["area"] = 7
        assert plain.__replace__(value=2).__dict__["area"] == 7

    @pytest.mark.parametrize("slots", [True, False])
    def test_a_cached_hash_is_not_kept_where_values_change(self, *, slots: bool) -> None:
        class Key:
            """Equal by identity, so that a copy of it is another."""

        @with_copy
        @define(slots=slots, unsafe_hash=True, cache_hash=True)
        class Model:
            key: Key
            value: int = 0

        make: typing.Any = Model
        model = make(Key())
        assert hash(copy.copy(model)) == hash(model)
        for new in (copy.deepcopy(model), model.__replace__(value=1)):
            assert hash(new) == hash(type(new)(new.key, new.value))
        assert hash(model.__replace__()) == hash(model)

    def test_dunder_getattr_is_not_asked_for_what_is_not_set(self) -> None:
        @with_copy
        @attrs.define
        class Model:
            value: list[int] = attrs.field(init=False)

            def __getattr__(self, name: str) -> list[int]:
                if name == "value":
                    return [404]
                raise AttributeError(name)

        for copier in COPIERS:
            model = Model()
            with pytest.raises(AttributeError):
                vars(Model)["value"].__get__(copier(model))
            model.value = [1]
            assert copier(model).value == [1]

    def test_a_dunder_getattr_of_the_users_is_no_cached_property(self) -> None:
        @with_copy
        @attrs.define
        class Model:
            value: int

            def __getattr__(self, name: str) -> str:
                return name

        model: typing.Any = Model(1)
        assert (model.__replace__(value=2).value, model.__replace__(value=2).other) == (2, "other")

    def test_a_dunder_getattribute_is_passed_by(self) -> None:
        @with_copy
        @attrs.define
        class Model:
            value: int

            def __getattribute__(self, name: str) -> object:
                return "disguised" if name == "value" else super().__getattribute__(name)

        model = Model(1)
        for copier in COPIERS:
            assert object.__getattribute__(copier(model), "value") == 1

    def test_a_dunder_setattr_is_passed_by(self, armed: typing.Callable[[], None]) -> None:
        @with_copy
        @attrs.define
        class Model:
            value: int

            def __setattr__(self, name: str, value: object) -> None:
                Shouting.shout(None)
                super().__setattr__(name, value)

        model = Model(1)
        armed()
        for copier in COPIERS:
            assert copier(model).value == 1

    def test_a_dunder_dict_of_the_users_is_passed_by(self) -> None:
        @attrs.define(slots=False)
        class Base:
            value: list[int]

        @with_copy
        @attrs.define(slots=False)
        class Model(Base):
            @property
            def __dict__(  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride] - on purpose
                self,
            ) -> dict[str, typing.Any]:
                return {"value": "disguised"}

        model = Model([1])
        for copier in COPIERS:
            assert copier(model).value == [1]

    def test_an_object_that_has_nothing(self) -> None:
        @with_copy
        @attrs.define
        class Model:
            pass

        model = Model()
        for copier in COPIERS:
            assert copier(model) == model
            assert copier(model) is not model

    def test_a_mapping_that_is_no_dict_serves_as_a_memo(self) -> None:
        memo: collections.UserDict[int, typing.Any] = collections.UserDict()
        model = Pair([1])
        assert deep_copy_attrs(model, memo) == model
        assert memo[id(model)] == model

    def test_what_is_copied_lives_as_long_as_the_memo(self) -> None:
        @attrs.define
        class Model:
            value: int

        memo: dict[int, typing.Any] = {}
        model = Model(1)
        died = weakref.ref(model)
        deep_copy_attrs(model, memo)
        del model
        assert died() is not None
        memo.clear()
        assert died() is None

    def test_a_model_in_a_model_lives_as_long_as_the_memo(self) -> None:
        model = Pair(Pair([1]))
        died = weakref.ref(model.left)
        memo: dict[int, typing.Any] = {}
        deep_copy_attrs(model, memo)
        model.left = None
        assert died() is not None
        memo.clear()
        assert died() is None

    def test_a_model_in_a_model_that_is_reached_twice_is_copied_once(self) -> None:
        child = Pair(1)
        new = copy.deepcopy(Pair(child, child))
        assert new.left is new.right is not child
        child.left = child
        new = copy.deepcopy(child)
        assert new.left is new

    def test_what_is_copied_is_kept_where_the_copy_module_keeps_it(self) -> None:
        model = Pair(Pair([1]))
        memo: dict[int, typing.Any] = {}
        deep_copy_attrs(model, memo)
        assert all(any(kept is original for kept in memo[id(memo)]) for original in (model, model.left))
        assert all(type(key) is int for key in memo)

    @pytest.mark.parametrize("slots", [True, False])
    def test_what_a_model_in_a_model_overrides_is_called(self, *, slots: bool) -> None:
        @with_copy
        @define(slots=slots)
        class Child:
            value: int

        def its_own(*_args: object) -> str:
            return "its own"

        child = Child(1)  # type: ignore[call-arg]
        assert copy.deepcopy(Pair(child)).left == child
        if not slots:
            vars(child)["__deepcopy__"] = its_own
            assert copy.deepcopy(Pair(child)).left == "its own"
            del vars(child)["__deepcopy__"]
        setattr(Child, "__deepcopy__", its_own)
        assert copy.deepcopy(Pair(child)).left == "its own"

    def test_a_deepcopy_that_getattribute_gives_a_model_in_a_model_is_called(self) -> None:
        @with_copy
        @attrs.define
        class Child:
            def __getattribute__(self, name: str) -> object:
                return disguised if name == "__deepcopy__" else super().__getattribute__(name)

        def disguised(_memo: object) -> str:
            return "disguised"

        child: typing.Any = Child()
        assert copy.deepcopy(child) == "disguised"
        deep_copy_attrs(child)
        assert copy.deepcopy(Pair(child)).left == "disguised"

    def test_a_subclass_of_what_cannot_change_can_change(self) -> None:
        class Tagged(str):  # noqa: SLOT000
            def __init__(self, _text: str) -> None:
                self.tags = [1]

        @with_copy
        @attrs.define
        class Model:
            value: str

        new: typing.Any = copy.deepcopy(Model(Tagged("a")))
        assert new.value.tags == [1]
        text = Tagged("a")
        assert copy.deepcopy(Model(text)).value is not text

    def test_an_annotation_need_not_be_true(self) -> None:
        @with_copy
        @attrs.define
        class Model:
            hinted: int
            text: datetime.timedelta
            other: str

        make: typing.Any = Model
        model = make([1], [2], datetime.timedelta(1))
        new = copy.deepcopy(model)
        assert new == model
        assert new.hinted is not model.hinted
        assert new.text is not model.text
        assert new.other is model.other

    @pytest.mark.parametrize("copier", [copy_attrs, deep_copy_attrs])
    def test_what_is_of_no_attrs_class_is_refused(self, copier: typing.Callable[[object], object]) -> None:
        with pytest.raises(attrs.exceptions.NotAnAttrsClassError):
            copier(object())

    @pytest.mark.parametrize("copier", [copy_attrs, deep_copy_attrs])
    def test_undecorated_attrs_classes_are_copied(self, copier: typing.Callable[[typing.Any], typing.Any]) -> None:
        cls: typing.Any = attrs.make_class("Model", ["value"])
        model = cls(1)
        assert copier(model) == model
        assert not hasattr(cls, "__copy__")

    @pytest.mark.parametrize("copier", [copy_attrs, deep_copy_attrs])
    def test_a_class_is_looked_into_once(
        self, copier: typing.Callable[[typing.Any], typing.Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[object] = []
        generate = vars(attr_extensions)["_generate"]

        def count(found: typing.Any) -> typing.Any:
            seen.append(found)
            return generate(found)

        monkeypatch.setattr(attr_extensions, "_generate", count)
        model = attrs.make_class("Model", ["value"])(1)
        for _ in range(3):
            copier(model)
        assert len(seen) == 1

    def test_pickling_is_as_it_was(self) -> None:
        model = Pair(1, [2])
        copy.copy(model)
        assert pickle.loads(pickle.dumps(model)) == model  # noqa: S301

    @hypothesis.given(
        st.recursive(
            st.none() | st.integers() | st.text() | st.datetimes() | st.timedeltas(),
            lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.builds(Pair, inner, inner),
        )
    )
    def test_a_deep_copy_equals_the_original_and_shares_nothing_that_can_change(self, value: object) -> None:
        def changeable(value: typing.Any) -> typing.Iterator[int]:
            if issubclass(value.__class__, (list, tuple)):
                for inner in value:
                    yield from changeable(inner)
            if isinstance(value, Pair):
                yield from changeable((value.left, value.right))
            if isinstance(value, (list, Pair)):
                yield id(typing.cast("object", value))

        model = Pair(value, [value])
        shallow, deep = copy.copy(model), copy.deepcopy(model)
        assert shallow == deep == model
        assert shallow.left is model.left
        assert not set(changeable(model)) & set(changeable(deep))

    @hypothesis.given(st.integers(), st.integers(), st.integers())
    def test_replace_changes_what_it_is_told_to_and_nothing_else(self, left: int, right: int, new: int) -> None:
        model: typing.Any = Pair(left, right)
        assert model.__replace__() == model
        assert model.__replace__(left=new) == Pair(new, right)
        assert model.__replace__(right=new) == Pair(left, new)
        assert model == Pair(left, right)


class TestGeneratedCode:
    def test_a_traceback_shows_the_line(self) -> None:
        class Stubborn:
            def __deepcopy__(self, memo: object) -> None:
                raise LookupError

        with pytest.raises(LookupError) as caught:
            copy.deepcopy(Pair(Stubborn()))
        lines = [frame.line for frame in traceback.extract_tb(caught.tb)]
        assert "new.left = v0 if type(v0) in unchangeable else deepcopy(v0, memo)" in lines

    @pytest.mark.system
    def test_a_traceback_at_exit_shows_the_line_too(self) -> None:
        code = (
            "import atexit, copy, traceback, attrs\n"
            "@atexit.register\n"
            "def fail():\n"
            "    try: copy.deepcopy(model)\n"
            "    except TypeError: traceback.print_exc()\n"
            "from hikari_sessions import with_copy\n"
            "Model = with_copy(attrs.make_class('Model', ['value'], slots=True))\n"
            "model = copy.copy(Model((_ for _ in ())))\n"
        )
        run = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, check=True)  # noqa: S603
        assert "else deepcopy(v0, memo)" in run.stderr

    def test_its_source_can_be_read(self) -> None:
        copy.copy(Pair())
        assert "new.left = self.left" in inspect.getsource(getattr(Pair, "__copy__"))  # noqa: B009

    def test_it_says_where_it_comes_from(self) -> None:
        copy.copy(Pair())
        filename = f"<copies of {Pair.__module__}.Pair at {id(Pair):#x}>"
        assert vars(Pair)["__copy__"].__code__.co_filename == filename
        for name in ("__copy__", "__deepcopy__"):
            method = getattr(Pair, name)
            assert (method.__module__, method.__qualname__) == (__name__, f"Pair.{name}")
            assert method.__doc__ == "Method generated by hikari_sessions for class Pair."

    def test_the_source_goes_with_its_class(self) -> None:
        cls: typing.Any = make_class("Dropped", ["value"])
        copy.copy(cls(1))
        filename = cls.__copy__.__code__.co_filename
        assert filename in linecache.cache
        del cls
        gc.collect()
        assert filename not in linecache.cache

    def test_classes_of_one_name_have_sources_of_their_own(self) -> None:
        classes: list[typing.Any] = [attrs.make_class("Model", [name], slots=True) for name in ("left", "right")]
        first, second = map(with_copy, classes)
        for cls in (first, second):
            copy.copy(cls(1))
        for cls, line in ((first, "new.left = self.left"), (second, "new.right = self.right")):
            assert line in [found.strip() for found in inspect.getsource(cls.__copy__).splitlines()]

    def test_a_source_that_has_been_forgotten_already_is_no_error(self) -> None:
        cls = make_class("Dropped", ["value"])
        copy.copy(cls(1))
        del linecache.cache[cls.__copy__.__code__.co_filename]
        dropped = weakref.ref(cls)
        del cls
        gc.collect()
        assert dropped() is None

    def test_an_attribute_error_of_a_value_is_not_taken_for_one_that_is_not_set(self) -> None:
        class Stubborn:
            def __deepcopy__(self, memo: object) -> None:
                msg = "mine"
                raise AttributeError(msg)

        with pytest.raises(AttributeError, match="mine"):
            copy.deepcopy(Pair(Stubborn()))

    @pytest.mark.system
    def test_a_model_in_a_model_takes_no_more_of_the_stack_than_if_written_by_hand(self) -> None:
        # Two calls each, of the thousand that Python allows.
        cls: typing.Any = make_class("Link", ["following"], eq=False, slots=True)
        first = None
        for _ in range(350):
            first = cls(first)
        copies: list[typing.Any] = []
        # The stack of the test run is not to be counted.
        thread = threading.Thread(target=lambda: copies.append(copy.deepcopy(first)))
        thread.start()
        thread.join()
        assert len(copies) == 1

    @pytest.mark.system
    def test_decorating_and_copying_in_many_threads(self) -> None:
        start = threading.Barrier(8)
        cls: typing.Any = make_class("Model", ["value", "other"])

        def run(number: int) -> list[typing.Any]:
            start.wait(10)
            own: typing.Any = make_class("Model", ["value"])
            copies: list[typing.Any] = []
            for copier in COPIERS * 20:
                assert copier(own(number)) == own(number)
                copies.append(copier(cls(number, [number])))
            return copies

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for number, copies in enumerate(pool.map(run, range(8))):
                assert copies == [cls(number, [number])] * 40

    def test_a_class_is_its_own_and_only_holder(self) -> None:
        names = {name for name, value in vars(attr_extensions).items() if isinstance(value, (dict, list, set))}
        held = {name: copy.copy(getattr(attr_extensions, name)) for name in names}
        copy.deepcopy(attrs.make_class("Model", ["value"])(1))
        assert held == {name: getattr(attr_extensions, name) for name in names}


def test_the_key_is_that_of_hikari() -> None:
    assert SKIP_DEEP_COPY == "skip_deep_copy"
