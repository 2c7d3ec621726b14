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
_Names: typing.TypeAlias = dict[str, typing.Any]
ModelT = typing.TypeVar("ModelT")

SKIP_DEEP_COPY: typing.Final = "skip_deep_copy"
"""The metadata key that makes a deep copy share an attribute with its original."""

# Deep copies share values of these types, but not of their subclasses.
_IMMUTABLE: frozenset[type] = frozenset({
    type(None), bool, int, float, str, bytes, datetime.date, datetime.time,
    datetime.datetime, datetime.timedelta, datetime.timezone,
})  # fmt: skip


def with_copy(cls: type[ModelT]) -> type[ModelT]:
    """Give an attrs class an exact `__copy__`, `__deepcopy__` and `__replace__`.

    Copying never calls `__init__`: no converter, validator, default factory or hook
    runs, and unset attributes stay unset. (Exceptions such as `OSError`, which keep
    a state of their own, are different.) A deep copy shares immutable values, and
    attributes whose metadata has a true `SKIP_DEEP_COPY`. A `__copy__` or
    `__deepcopy__` that the class itself defines is kept.

    `copy.replace` (Python 3.13 and later; `model.__replace__` before that) makes a
    copy and changes attributes by their names in `__init__`. Any other name raises
    a `TypeError`. The copy recomputes its cached properties.

    Parameters
    ----------
    cls
        The class; the decorator can be above or below `attrs.define`. Decorate each
        attrs class, including subclasses.

    Returns
    -------
    type[ModelT]
        The same class.
    """
    if "__copy__" not in vars(cls):
        setattr(cls, "__copy__", copy_attrs)
    if "__deepcopy__" not in vars(cls):
        setattr(cls, "__deepcopy__", deep_copy_attrs)
    setattr(cls, "__replace__", _replace)
    return cls


def copy_attrs(model: ModelT) -> ModelT:
    """Copy an object of any attrs class, decorated or not, sharing its values.

    Parameters
    ----------
    model
        The object.

    Returns
    -------
    ModelT
        Another object of the same type, with the same state.

    Raises
    ------
    TypeError
        If the object's class isn't an attrs class.
    """
    return typing.cast("ModelT", _copiers(type(model)).copy(model))


def deep_copy_attrs(model: ModelT, memo: Memo | None = None) -> ModelT:
    """Copy an object of any attrs class, decorated or not, along with its values.

    Parameters
    ----------
    model
        The object.
    memo
        The copies so far, by the `id` of their originals. The new ones are added.

    Returns
    -------
    ModelT
        Another object of the same type, or the copy that is already in `memo`.

    Raises
    ------
    TypeError
        If the object's class isn't an attrs class.
    """
    memo = {} if memo is None else memo
    if id(model) not in memo:
        _copiers(type(model)).deep_copy(model, memo)
        # As `copy.deepcopy` does, so that the id isn't used again.
        memo.setdefault(id(memo), []).append(model)
    return typing.cast("ModelT", memo[id(model)])


def _replace(model: typing.Any, /, **changes: typing.Any) -> typing.Any:
    new, cls = copy_attrs(model), model.__class__
    names = {field.alias: field.name for field in attrs.fields(cls) if field.init}
    for alias, value in changes.items():
        if alias not in names:
            msg = f"{cls.__qualname__}.__replace__() doesn't take {alias!r}"
            raise TypeError(msg)
        object.__setattr__(new, names[alias], value)
    for name in _copiers(cls).computed:
        with contextlib.suppress(AttributeError):
            object.__delattr__(new, name)
            if name == "_attrs_cached_hash":
                object.__setattr__(new, name, None)
    return new


class _Copiers(typing.NamedTuple):
    """What a class keeps, as `__with_copy__`, from its first copy on."""

    copy: typing.Callable[[typing.Any], typing.Any]
    deep_copy: typing.Callable[[typing.Any, Memo], typing.Any]
    computed: set[str]  # the names of cached properties and of the cached hash


def _copiers(cls: type) -> _Copiers:
    copiers: _Copiers | None = vars(cls).get("__with_copy__")
    if copiers is not None:
        return copiers
    if not attrs.has(cls):
        msg = f"{cls!r} isn't an attrs class: decorate it with attrs.define"
        raise TypeError(msg)
    skips: dict[str, object] = {}
    slots: _Names = {}
    computed = {"_attrs_cached_hash"}  # what `cache_hash=True` keeps
    for base in reversed(cls.__mro__):
        # A copy, since another thread may be adding methods to the class.
        own: _Names = vars(base).copy()
        for field in own.get("__attrs_attrs__", ()):
            skips[field.name] = field.metadata.get(SKIP_DEEP_COPY)
        for name, value in own.items():
            if isinstance(value, functools.cached_property):
                computed.add(name)
            elif "__slots__" in own and inspect.ismemberdescriptor(value):
                slots[name] = value
                if "__attrs_attrs__" in own:  # an attribute or a cached property
                    computed.add(name)
    shared = {name for name, skip in skips.items() if skip}
    computed -= skips.keys()
    base = _built_in_base(cls)
    if base is object or issubclass(cls, BaseException):
        names = _generate(cls, base, slots, shared)
        copiers = _Copiers(names["__copy__"], names["__deepcopy__"], computed)
    else:
        copiers = _Copiers(_copy_by_reduction, _copy_by_reduction, computed)
    setattr(cls, "__with_copy__", copiers)
    return copiers


def _built_in_base(cls: typing.Any) -> typing.Any:
    """Return the nearest base that isn't a Python class."""
    # 512 flags classes made at run time. The ones made in C have a `__new__` of
    # their own.
    while cls.__flags__ & 512 and getattr(cls.__new__, "__self__", None) is not cls:
        cls = cls.__base__
    return cls


def _remake(model: typing.Any, base: typing.Any, memo: Memo | None) -> typing.Any:
    """Call the class of an exception, to set the state that its base hides."""
    new = None
    make, args, *_ = model.__reduce_ex__(4)
    # Not every `__init__` takes the `args`; a keyword-only one doesn't.
    with contextlib.suppress(Exception):
        new = make(*args)
    if new is None:
        new = base.__new__(type(model))
    elif memo is not None:
        new = make(*copy.deepcopy(args, memo))
    # An `ImportError` keeps its `name` neither in the `args` nor in the `__dict__`.
    state: _Names = dict(*base.__reduce__(model)[2:])
    for name, value in state.items():
        object.__setattr__(new, name, value)
    return new


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


def _generate(
    cls: typing.Any, base: typing.Any, slots: _Names, shared: set[str]
) -> _Names:
    """Generate the methods that you would write by hand."""
    copy_lines = _copy_lines(cls, base, slots)
    deep_lines = _deep_copy_lines(cls, base, slots, shared)
    source = "\n".join([*copy_lines, "", "", *deep_lines])
    names = {**globals(), "Class": cls, "remake": _remake, "shared": shared}
    names |= {"base": base, "create": base.__new__}
    names |= {"args": vars(BaseException)["args"]}
    for name, slot in slots.items():
        names |= {f"get_{name}": slot.__get__, f"set_{name}": slot.__set__}
    file = f"<copies of {cls.__module__}.{cls.__qualname__} at {id(cls):#x}>"
    exec(compile(source, file, "exec"), names)  # noqa: S102
    # Tracebacks and debuggers look for the source here.
    linecache.cache[file] = len(source), None, source.splitlines(True), file  # noqa: FBT003
    weakref.finalize(cls, linecache.cache.pop, file, None)
    for method in ("__copy__", "__deepcopy__"):
        if cls.__dict__.get(method) in (copy_attrs, deep_copy_attrs):
            setattr(cls, method, names[method])
    return names


def _copy_lines(cls: typing.Any, base: typing.Any, slots: _Names) -> list[str]:
    has_state = base.__basicsize__ > BaseException.__basicsize__
    lines = [
        "def __copy__(self):",
        "    if type(self) is not Class:",
        "        return copy_attrs(self)",
        f"    new = {'remake(self, base, None)' if has_state else 'create(Class)'}",
    ]
    if base is not object:  # an exception
        lines.append("    args.__set__(new, args.__get__(self))")
    read, write = _accessors(cls, slots)
    for name in slots:
        value = read.format(name)
        lines += ["    try:", f"        {write.format(name, value)}", *_UNSET]
    if cls.__dictoffset__:
        lines.append("    new.__dict__.update(self.__dict__)")
    return [*lines, "    return new"]


def _deep_copy_lines(
    cls: typing.Any, base: typing.Any, slots: _Names, shared: set[str]
) -> list[str]:
    has_state = base.__basicsize__ > BaseException.__basicsize__
    lines = [
        "def __deepcopy__(self, memo=None):",
        "    key = id(self)",
        "    if type(self) is not Class or memo is None or key in memo:",
        "        return deep_copy_attrs(self, memo)",
    ]
    if base is not object:  # an exception
        lines += [
            "    for name in shared:  # `args` can also hold their values",
            "        value = getattr(self, name, None)",
            "        memo.setdefault(id(value), value)",
        ]
    create = "remake(self, base, memo)" if has_state else "create(Class)"
    lines.append(f"    memo[key] = new = {create}")
    if base is not object:
        lines.append(
            "    args.__set__(new, copy.deepcopy(args.__get__(self), memo))"
        )
    deep = "value if type(value) in _IMMUTABLE else copy.deepcopy(value, memo)"
    read, write = _accessors(cls, slots)
    for name in slots:
        value = "value" if name in shared else deep
        lines += ["    try:", f"        value = {read.format(name)}", *_UNSET]
        lines += ["    else:", f"        {write.format(name, value)}"]
    if cls.__dictoffset__:
        lines += [
            "    for name, value in self.__dict__.items():",
            f"        new.__dict__[name] = value if name in shared else {deep}",
        ]
    return [*lines, "    return new"]


_UNSET: typing.Final = ["    except AttributeError:  # unset", "        pass"]


def _accessors(cls: typing.Any, slots: _Names) -> tuple[str, str]:
    """Return how to read and write a slot.

    As an attribute, which is fastest, or by its descriptor if a hook or a property
    is in the way.
    """
    visible = all(getattr(cls, name) is slot for name, slot in slots.items())
    readable = visible and cls.__getattribute__ is object.__getattribute__
    readable = readable and not hasattr(cls, "__getattr__")
    writable = visible and cls.__setattr__ is object.__setattr__
    return (
        "self.{0}" if readable else "get_{0}(self)",
        "new.{0} = {1}" if writable else "set_{0}(new, {1})",
    )
