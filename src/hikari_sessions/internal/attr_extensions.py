"""Exact copies of attrs objects, as fast as methods written by hand."""

from __future__ import annotations

__all__ = ("SKIP_DEEP_COPY", "copy_attrs", "deep_copy_attrs", "with_copy")

import contextlib
import copy
import datetime
import functools
import inspect
import linecache
import typing
import weakref

import attrs

Memo: typing.TypeAlias = dict[int, typing.Any]
ModelT = typing.TypeVar("ModelT")

SKIP_DEEP_COPY: typing.Final = "skip_deep_copy"
"""The metadata key that makes a deep copy share an attribute with its original."""

# Deep copies share values of these types, but not of their subclasses.
_UNCHANGEABLE: frozenset[type] = frozenset({
    type(None), bool, int, float, str, bytes, datetime.date, datetime.time,
    datetime.datetime, datetime.timedelta, datetime.timezone,
})  # fmt: skip


def with_copy(cls: type[ModelT]) -> type[ModelT]:
    """Give an attrs class an exact `__copy__`, `__deepcopy__` and `__replace__`.

    Copying never calls `__init__`: no converter, validator, default factory or hook
    runs, and unset attributes stay unset. A deep copy shares immutable values, and
    attributes whose metadata has a true `SKIP_DEEP_COPY`. A `__copy__` or
    `__deepcopy__` that the class itself defines is kept.

    `copy.replace` (Python 3.13 and later; `model.__replace__` before that) makes a
    copy and changes attributes by their names in `__init__`. Any other name is a
    `TypeError`. The copy recomputes its cached properties.

    Parameters
    ----------
    cls
        The class; the decorator can be above or below `attrs.define`. Decorate each
        attrs class: on Python 3.13 and later, attrs gives an undecorated subclass a
        `__replace__` that calls `__init__`.

    Returns
    -------
    type
        The same class.

    Raises
    ------
    TypeError
        If `cls` isn't a class.
    """
    if not isinstance(cls, type):  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = f"with_copy decorates attrs classes, not {cls!r}"
        raise TypeError(msg)
    for method, generic in _GENERIC.items():
        if method not in vars(cls):
            setattr(cls, method, generic)
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
    TypeError
        If the object's class isn't an attrs class.
    """
    return typing.cast("ModelT", _copiers(type(model))["__copy__"](model))


def deep_copy_attrs(model: ModelT, memo: Memo | None = None) -> ModelT:
    """Copy an object of any attrs class, decorated or not, and its values.

    Parameters
    ----------
    model
        The object.
    memo
        The copies so far, by the `id` of their originals. The new ones are added.

    Returns
    -------
    object
        Another object of the same type, or the copy that is already in `memo`.

    Raises
    ------
    TypeError
        If the object's class isn't an attrs class.
    """
    memo = {} if memo is None else memo
    if id(model) not in memo:
        _copiers(type(model))["__deepcopy__"](model, memo)
        # As `copy.deepcopy` does, so that the id isn't used again.
        memo.setdefault(id(memo), []).append(model)
    return typing.cast("ModelT", memo[id(model)])


_GENERIC: typing.Final = {"__copy__": copy_attrs, "__deepcopy__": deep_copy_attrs}


def _replace(model: typing.Any, /, **changes: typing.Any) -> typing.Any:
    new, cls = copy_attrs(model), model.__class__
    names = {field.alias: field.name for field in attrs.fields(cls) if field.init}
    for alias, value in changes.items():
        if alias not in names:
            msg = f"{cls.__qualname__}.__replace__() doesn't take {alias!r}"
            raise TypeError(msg)
        object.__setattr__(new, names[alias], value)
    for name in _copiers(cls)["cached"]:
        with contextlib.suppress(AttributeError):
            object.__delattr__(new, name)
            if name == "_attrs_cached_hash":
                object.__setattr__(new, name, None)
    return new


def _copiers(cls: type) -> typing.Any:
    """Return the copy functions of a class; make them at the first copy."""
    copiers: typing.Any = vars(cls).get("__attrs_copiers__")
    if copiers is None:
        if not attrs.has(cls):
            msg = f"{cls!r} isn't an attrs class: decorate it with attrs.define"
            raise TypeError(msg)
        copiers = _make_copiers(cls)
        setattr(cls, "__attrs_copiers__", copiers)
    return copiers


def _make_copiers(cls: type) -> typing.Any:
    skips: dict[str, object] = {}
    slots: dict[str, typing.Any] = {}
    cached = {"_attrs_cached_hash"}  # what `cache_hash=True` keeps
    create: object = None
    for base in reversed(cls.__mro__):
        # A copy, since another thread may be adding methods to the class.
        own: dict[str, typing.Any] = vars(base).copy()
        for field in own.get("__attrs_attrs__", ()):
            skips[field.name] = field.metadata.get(SKIP_DEEP_COPY)
        for name, value in own.items():
            if isinstance(value, functools.cached_property):
                cached.add(name)
            elif "__slots__" in own and inspect.ismemberdescriptor(value):
                slots[name] = value
                if "__attrs_attrs__" in own:  # an attribute or a cached property
                    cached.add(name)
            elif name == "__new__" and inspect.isbuiltin(value):
                create = value
    shared = {name for name, skip in skips.items() if skip}
    names = {"cached": cached - skips.keys(), "shared": shared, "create": create}
    if create is object.__new__ or issubclass(cls, BaseException):
        return _generate(cls, slots, names)
    return names | dict.fromkeys(_GENERIC, _copy_by_reduction)


def _copy_by_reduction(model: typing.Any, memo: Memo | None = None) -> typing.Any:
    """Copy an object with a built-in base as `copy` would without `with_copy`."""
    make, args, *rest = model.__reduce_ex__(4)
    if memo is None:
        return copy.copy(_StandIn([make, args, *rest]))
    memo[id(model)] = new = make(*copy.deepcopy(args, memo))
    return copy.deepcopy(_StandIn([lambda: new, (), *rest]), memo)


class _StandIn(list[typing.Any]):
    """Takes an object's place, so that `copy` doesn't see our methods."""

    def __reduce__(self) -> tuple[typing.Any, ...]:
        return tuple(self)


_SOURCE = """\
def __copy__(self):
    if type(self) is not Class:
        return copy_attrs(self)
    new = create(Class)
    {copies}
    return new


def __deepcopy__(self, memo=None):
    if type(self) is not Class or memo is None or (key := id(self)) in memo:
        return deep_copy_attrs(self, memo)
    memo[key] = new = create(Class)
    {deep_copies}
    return new
"""
_SLOT = """try:
        {}
    except AttributeError:  # unset
        pass
    """
_ELSE = "else:\n        {}\n    "
_DEEP = "value if type(value) in _UNCHANGEABLE else copy.deepcopy(value, memo)"
_DEEP_DICT = f"""for name, value in self.__dict__.copy().items():
        new.__dict__[name] = value if name in shared else {_DEEP}
    """
# They can be values of attributes, which are copied by now.
_ARGS = "BaseException.args.__set__(new, [memo.get(id(a), a) for a in self.args])"


def _generate(cls: typing.Any, slots: typing.Any, names: typing.Any) -> typing.Any:
    """Generate the methods you would write by hand."""
    names = {**globals(), **names, "Class": cls}
    seen = all(getattr(cls, name) is slot for name, slot in slots.items())
    writable = seen and cls.__setattr__ is object.__setattr__
    readable = seen and cls.__getattribute__ is object.__getattribute__
    readable = readable and not hasattr(cls, "__getattr__")
    read = "self.{0}" if readable else "get_{0}(self)"
    write = "new.{0} = {1}" if writable else "set_{0}(new, {1})"
    copies = deep_copies = ""
    for name, slot in slots.items():
        names |= {f"get_{name}": slot.__get__, f"set_{name}": slot.__set__}
        deep = "value" if name in names["shared"] else _DEEP
        copies += _SLOT.format(write.format(name, read.format(name)))
        deep_copies += _SLOT.format("value = " + read.format(name))
        deep_copies += _ELSE.format(write.format(name, deep))
    if cls.__dictoffset__:
        copies += "new.__dict__.update(self.__dict__)\n    "
        deep_copies += _DEEP_DICT
    if issubclass(cls, BaseException):
        copies += "BaseException.args.__set__(new, self.args)"
        deep_copies += _ARGS
    source = _SOURCE.format(copies=copies, deep_copies=deep_copies)
    file = f"<copies of {cls.__module__}.{cls.__qualname__} at {id(cls):#x}>"
    exec(compile(source, file, "exec"), names)  # noqa: S102
    # Tracebacks and debuggers look for the source here.
    linecache.cache[file] = len(source), None, source.splitlines(True), file  # noqa: FBT003
    weakref.finalize(cls, linecache.cache.pop, file, None).atexit = False
    for method, generic in _GENERIC.items():
        if vars(cls).get(method) is generic:
            setattr(cls, method, names[method])
    return names
