"""Exact copies of attrs objects, as fast as methods written by hand.

A copy has the type and the state of the original: what its slots and its `__dict__`
hold. For a slotted class, the methods that copy it are generated when its first
object is copied. An object with a `__dict__` or an unset slot is copied attribute
by attribute, and one with a built-in base by its pickling methods.
"""

from __future__ import annotations

__all__ = ("SKIP_DEEP_COPY", "copy_attrs", "deep_copy_attrs", "with_copy")

import contextlib
import copy
import datetime
import decimal
import functools
import inspect
import linecache
import types
import typing
import weakref

import attrs

Memo: typing.TypeAlias = dict[int, typing.Any]
ModelT = typing.TypeVar("ModelT")
_Slots: typing.TypeAlias = dict[str, types.MemberDescriptorType]
_Copiers: typing.TypeAlias = tuple[typing.Any, typing.Any]

SKIP_DEEP_COPY: typing.Final = "skip_deep_copy"
"""The metadata key that makes a deep copy share an attribute with its original."""

# Where a class keeps its copiers.
_COPIERS: typing.Final = "__attrs_copiers__"

# Where attrs keeps the hash of an object with `cache_hash=True`.
_CACHED_HASH: typing.Final = "_attrs_cached_hash"

# Deep copies share values of these types, but not of their subclasses.
_UNCHANGEABLE: typing.Final[frozenset[type]] = frozenset(
    {
        type(None), bool, int, float, complex, decimal.Decimal, str, bytes, range,
        datetime.date, datetime.time, datetime.datetime, datetime.timedelta,
        datetime.timezone, type, types.FunctionType, types.BuiltinFunctionType,
    }
)  # fmt: skip


def with_copy(cls: type[ModelT]) -> type[ModelT]:
    """Give an attrs class an exact `__copy__`, `__deepcopy__` and `__replace__`.

    Copying never calls `__init__`: no converter, validator, default factory or hook
    runs, and unset attributes stay unset.

    - `copy.copy` shares the values of the attributes.
    - `copy.deepcopy` copies them, except immutable values and attributes whose
      metadata has a true `SKIP_DEEP_COPY`.
    - `copy.replace` (Python 3.13 and later; `model.__replace__` before that) makes
      a copy and changes attributes by their names in `__init__`. Any other name is
      a `TypeError`. The copy computes its cached properties anew.

    A `__copy__` or `__deepcopy__` that the class itself defines is kept. How
    objects are pickled makes no difference, unless the class has a built-in base
    other than an exception: a `dict`, say, is copied as `copy` would copy it.

    Parameters
    ----------
    cls
        The class. Put the decorator above or below `attrs.define`. Decorate
        each attrs class: on Python 3.13 and later, attrs gives an undecorated
        subclass a `__replace__` that calls `__init__`.

    Returns
    -------
    type
        The same class.
    """
    for name, method in (
        ("__copy__", copy_attrs),
        ("__deepcopy__", deep_copy_attrs),
    ):
        if name not in vars(cls):
            setattr(cls, name, method)
    setattr(cls, "__replace__", _replace)
    return cls


def copy_attrs(model: ModelT) -> ModelT:
    """Copy an object of any attrs class, decorated or not, and share its values.

    Parameters
    ----------
    model
        The object.

    Returns
    -------
    object
        Another object of the same type, with the same state.

    Raises
    ------
    attrs.exceptions.NotAnAttrsClassError
        If the object's class isn't an attrs class.
    """
    shallow, _ = _copiers(type(model))
    return typing.cast("ModelT", shallow(model))


def deep_copy_attrs(model: ModelT, memo: Memo | None = None) -> ModelT:
    """Copy an object of any attrs class, decorated or not, and its values.

    Parameters
    ----------
    model
        The object.
    memo
        The copies made so far, by the `id` of their originals, as `copy.deepcopy`
        passes it to `__deepcopy__`. The new copies are added to it.

    Returns
    -------
    object
        Another object of the same type, with copies of the values, or the copy that
        is already in `memo`.

    Raises
    ------
    attrs.exceptions.NotAnAttrsClassError
        If the object's class isn't an attrs class.
    """
    if memo is None:
        memo = {}
    elif id(model) in memo:
        return typing.cast("ModelT", memo[id(model)])
    _, deep = _copiers(type(model))
    return typing.cast("ModelT", deep(model, memo))


def _replace(model: ModelT, /, **changes: typing.Any) -> ModelT:
    new = copy_attrs(model)
    fields = attrs.fields(typing.cast("type[attrs.AttrsInstance]", type(model)))
    names = {field.alias: field.name for field in fields if field.init}
    for alias, value in changes.items():
        if alias not in names:
            method = f"{type(model).__qualname__}.__replace__()"
            msg = f"{method} got an unexpected keyword argument {alias!r}"
            raise TypeError(msg)
        object.__setattr__(new, names[alias], value)

    for name in _cached_properties(new):
        object.__delattr__(new, name)
    with contextlib.suppress(AttributeError):
        object.__getattribute__(new, _CACHED_HASH)  # bypasses a `__getattr__`
        object.__setattr__(new, _CACHED_HASH, None)
    return new


def _cached_properties(model: object) -> list[str]:
    """List the cached properties that have been computed."""
    cls = type(model)
    # In a slotted class, attrs gives each a slot that belongs to no attribute.
    known = {_CACHED_HASH, *_attributes(cls)}
    slots = {
        name: slot
        for name, slot in _slots(cls).items()
        if name not in known and "__attrs_attrs__" in vars(slot.__objclass__)
    }
    found = [*_values(slots, model)]
    for name in _own_dict(model).keys() - known:
        value = inspect.getattr_static(cls, name, None)
        if isinstance(value, functools.cached_property):
            found.append(name)
    return found


def _attributes(cls: type) -> dict[str, attrs.Attribute[typing.Any]]:
    """Find the attributes of a class, including those from all of its bases."""
    own = [vars(base).get("__attrs_attrs__", ()) for base in reversed(cls.__mro__)]
    return {field.name: field for fields in own for field in fields}


def _slots(cls: type) -> _Slots:
    return {
        name: value
        for base in reversed(cls.__mro__)
        if "__slots__" in vars(base)
        # A copy, since another thread may be adding methods to the class.
        for name, value in vars(base).copy().items()
        if isinstance(value, types.MemberDescriptorType)
    }


def _values(slots: _Slots, model: object) -> dict[str, typing.Any]:
    """Read the slots that are set, without calling a `__getattr__`."""
    values: dict[str, typing.Any] = {}
    for name, slot in slots.items():
        with contextlib.suppress(AttributeError):
            values[name] = slot.__get__(model)
    return values


def _own_dict(model: typing.Any) -> dict[str, typing.Any]:
    """Return the `__dict__`, if there is one, without calling a `__getattr__`."""
    own: dict[str, typing.Any] = (
        model.__dict__ if type(model).__dictoffset__ else {}
    )
    return own


def _copiers(cls: type) -> _Copiers:
    """Return the copiers that a class holds, or make them."""
    copiers: _Copiers | None = vars(cls).get(_COPIERS)
    if copiers is None:
        attrs.fields(cls)  # raises if it isn't an attrs class
        copiers = _make_copiers(cls)
        type.__setattr__(cls, _COPIERS, copiers)
    return copiers


def _make_copiers(cls: typing.Any) -> _Copiers:
    # The first `__new__` that's written in C creates the objects.
    news = [base.__dict__.get("__new__") for base in cls.__mro__]
    make = next(new for new in news if isinstance(new, types.BuiltinMethodType))
    has_built_in_base = make is not object.__new__
    if has_built_in_base and not issubclass(cls, BaseException):
        return _copy_by_reduction, _copy_by_reduction

    slots, fields = _slots(cls), _attributes(cls)
    shared = {name for name in fields if fields[name].metadata.get(SKIP_DEEP_COPY)}
    copy_by_attribute = functools.partial(_copy_by_attribute, make, slots, shared)
    if (
        not has_built_in_base
        and cls.__dictoffset__ == 0
        and cls.__getattribute__ is object.__getattribute__
        and not hasattr(cls, "__getattr__")
        and all(getattr(cls, name) is slot for name, slot in slots.items())
    ):
        return _generate(cls, slots, shared, copy_by_attribute)
    return copy_by_attribute, copy_by_attribute


def _copy_by_reduction(model: typing.Any, memo: Memo | None = None) -> typing.Any:
    """Copy an object with a built-in base, as `copy` would on its own."""
    reduced: tuple[typing.Any, ...] = (*model.__reduce_ex__(4), None, None, None)
    make, args, state, items, pairs = reduced[:5]
    new = make(*(_take(arg, memo) for arg in args))
    if memo is not None:
        memo[id(model)] = new
    if state is not None and hasattr(new, "__setstate__"):
        new.__setstate__(_take(state, memo))
    elif state is not None:
        parts = typing.cast("tuple[typing.Any, ...]", state)
        parts = parts if type(state) is tuple else (state,)
        for name, value in [
            pair for part in parts if part for pair in part.items()
        ]:
            object.__setattr__(new, name, _take(value, memo))
    for item in items or ():
        new.append(_take(item, memo))
    for key, value in pairs or ():
        new[_take(key, memo)] = _take(value, memo)
    return new


def _copy_by_attribute(
    make: typing.Any,
    slots: _Slots,
    shared: set[str],
    model: typing.Any,
    memo: Memo | None = None,
) -> typing.Any:
    """Copy an object attribute by attribute; deeply if there is a memo."""
    is_exception = isinstance(model, BaseException)
    args: tuple[typing.Any, ...] = model.args if is_exception else ()
    new = make(type(model), *args)
    if memo is not None:
        memo[id(model)] = new

    values = _values(slots, model)
    state = {**values, **_own_dict(model)}
    copies = {
        name: value if name in shared else _take(value, memo)
        for name, value in state.items()
    }
    for name in values:
        slots[name].__set__(new, copies.pop(name))
    if copies:
        new.__dict__.update(copies)
    if is_exception:
        # The args of an exception also hold what its `__init__` was given.
        kept = {id(state[name]) for name in shared & state.keys()}
        taken = (arg if id(arg) in kept else _take(arg, memo) for arg in args)
        object.__setattr__(new, "args", tuple(taken))
    return new


def _take(value: typing.Any, memo: Memo | None) -> typing.Any:
    if memo is None or type(value) in _UNCHANGEABLE:
        return value
    return copy.deepcopy(value, memo)


_SOURCE: typing.Final = """\
def __copy__(self):
    if type(self) is not Class:
        return copy_attrs(self)
    new = new_object(Class)
    try:
        {copies}
    except AttributeError:
        return copy_by_attribute(self)
    return new


def __deepcopy__(self, memo=None):
    if type(self) is not Class or memo is None:
        return deep_copy_attrs(self, memo)
    key = id(self)
    if key in memo:
        return memo[key]
    try:
        {reads}
    except AttributeError:
        return copy_by_attribute(self, memo)
    memo[key] = new = new_object(Class)
    {deep_copies}
    return new
"""


def _generate(
    cls: typing.Any, slots: _Slots, shared: set[str], copy_by_attribute: object
) -> _Copiers:
    """Generate the methods that you would write by hand for a slotted class."""
    write = "new.{0} = {1}"
    if cls.__setattr__ is not object.__setattr__:
        write = "set_attribute(new, {0!r}, {1})"
    deep = "{0} if type({0}) in unchangeable else deepcopy({0}, memo)"
    values = {name: f"v{number}" for number, name in enumerate(slots)}
    copies = [write.format(name, f"self.{name}") for name in slots]
    reads = [f"{value} = self.{name}" for name, value in values.items()]
    deep_copies = [
        write.format(name, value if name in shared else deep.format(value))
        for name, value in values.items()
    ]
    source = _SOURCE.format(
        copies="\n        ".join(copies) or "pass",
        reads="\n        ".join(reads) or "pass",
        deep_copies="\n    ".join(deep_copies),
    )
    namespace: dict[str, typing.Any] = {
        "Class": cls,
        "copy_attrs": copy_attrs,
        "copy_by_attribute": copy_by_attribute,
        "deep_copy_attrs": deep_copy_attrs,
        "deepcopy": copy.deepcopy,
        "new_object": object.__new__,
        "set_attribute": object.__setattr__,
        "unchangeable": _UNCHANGEABLE,
    }
    filename = f"<copies of {cls.__module__}.{cls.__qualname__} at {id(cls):#x}>"
    exec(compile(source, filename, "exec"), namespace)  # noqa: S102

    # Tracebacks and debuggers look for the source here.
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = len(source), None, lines, filename
    weakref.finalize(cls, linecache.cache.pop, filename, None).atexit = False

    methods = namespace["__copy__"], namespace["__deepcopy__"]
    for method, generic in zip(methods, (copy_attrs, deep_copy_attrs), strict=True):
        if cls.__dict__.get(method.__name__) is generic:
            type.__setattr__(cls, method.__name__, method)
    return methods
