"""Exact copies of the objects of attrs classes, as fast as hand-written ones.

A copy is not constructed: it gets the exact type of the original and then its
state, piece by piece. An object keeps its state in up to three places, which
`_Copier` finds once for each class: slots, the `__dict__`, and what a built-in
base such as `dict` or `Exception` holds.

For a class without a built-in base the methods are generated (`_generate`) when
the first object is copied, and assume that every attribute is set. What they
can't do falls back to `_Copier.copy_exactly`.
"""

from __future__ import annotations

__all__ = ("SKIP_DEEP_COPY", "copy_attrs", "deep_copy_attrs", "with_copy")

import builtins
import collections
import collections.abc
import contextlib
import copy
import datetime
import decimal
import enum
import functools
import keyword
import linecache
import operator
import struct
import types
import typing
import weakref

import attrs

Memo: typing.TypeAlias = collections.abc.MutableMapping[int, object]
Take: typing.TypeAlias = collections.abc.Callable[[typing.Any], typing.Any]

ModelT = typing.TypeVar("ModelT")

SKIP_DEEP_COPY: typing.Final = "skip_deep_copy"
"""The metadata key of attributes that a deep copy shares with its original."""

# Typed, it asks for a dict; at run time any memo will do.
_deepcopy: typing.Final[collections.abc.Callable[[typing.Any, Memo], typing.Any]] = typing.cast(
    "typing.Any", copy.deepcopy
)

# What is kept in the classes themselves: their copier, and an __init_subclass__ of their own.
_COPIER: typing.Final = "__attrs_copier__"
_INIT_SUBCLASS: typing.Final = "__attrs_own_init_subclass__"

# Where attrs keeps the hash of a class with cache_hash=True: not to be trusted once a value is another.
_CACHED_HASH: typing.Final = "_attrs_cached_hash"

# The types, exactly, whose values no deep copy has to copy.
_UNCHANGEABLE: typing.Final[frozenset[type]] = frozenset(
    {
        type(None), type(...), type(NotImplemented), bool, int, float, complex, decimal.Decimal, str, bytes, range,
        datetime.date, datetime.datetime, datetime.time, datetime.timedelta, datetime.timezone,
        type, property, weakref.ref, types.BuiltinFunctionType, types.CodeType, types.FunctionType,
    }
)  # fmt: skip

_UNCHANGEABLE_BY_NAME: typing.Final = {cls.__name__: cls for cls in _UNCHANGEABLE}


def with_copy(cls: type[ModelT]) -> type[ModelT]:
    """Give an attrs class exact and fast `__copy__`, `__deepcopy__` and `__replace__`.

    It stands above `attrs.define` or below it, and what it gives is inherited.
    Methods of these names that the class has itself are replaced. None of the
    three constructs: neither `__init__` nor converters, validators, default
    factories or hooks run, and what is not set stays not set.

    - `copy.copy` shares the values of the attributes.
    - `copy.deepcopy` copies them, but for those that can't change and those
      whose metadata has a true `SKIP_DEEP_COPY`.
    - `copy.replace` (Python 3.13 and later; before it, `model.__replace__`)
      copies and changes attributes by their init names. It raises `TypeError`
      for a name that `__init__` does not take. Values of
      `functools.cached_property` are forgotten, since they may be others now.

    Parameters
    ----------
    cls
        The class. It has to be an attrs class by the time that an object is copied.

    Returns
    -------
    type
        The class that was given.
    """
    for name, method in _METHODS.items():
        setattr(cls, name, method)

    if _INIT_SUBCLASS not in vars(cls):
        # It stays in the class, since attrs mends what the functions in a class know of their class.
        setattr(cls, _INIT_SUBCLASS, vars(cls).get("__init_subclass__"))
        setattr(cls, "__init_subclass__", classmethod(_subclass_hook(cls)))
    return cls


def copy_attrs(model: ModelT) -> ModelT:
    """Copy an object of an attrs class; the values are shared.

    Parameters
    ----------
    model
        The object, of a class with `with_copy` or without it.

    Returns
    -------
    object
        Another object of the same type, with the same state.

    Raises
    ------
    attrs.exceptions.NotAnAttrsClassError
        If the object's class is not an attrs class.
    TypeError
        If a built-in base of the class has a state that can't be reached.
    """
    return _copier(type(model)).copy(model)


def deep_copy_attrs(model: ModelT, memo: Memo | None = None) -> ModelT:
    """Copy an object of an attrs class, and the values in it.

    Parameters
    ----------
    model
        The object, of a class with `with_copy` or without it.
    memo
        What has been copied already, as `copy.deepcopy` keeps it: copies by the
        `id` of their originals. What is in it is used, and what is copied here
        is added.

    Returns
    -------
    object
        Another object of the same type, with copies of the values, or what
        `memo` has for this object.

    Raises
    ------
    attrs.exceptions.NotAnAttrsClassError
        If the object's class is not an attrs class.
    TypeError
        If a built-in base of the class has a state that can't be reached.
    """
    if memo is None:
        memo = {}
    elif id(model) in memo:
        return typing.cast("ModelT", memo[id(model)])
    # The memo knows objects by their id, so it has to keep them alive, as the copy module does.
    kept: typing.Any = memo.setdefault(id(memo), [])
    kept.append(model)
    return _copier(type(model)).deep_copy(model, memo)


def _replace(model: ModelT, /, **changes: typing.Any) -> ModelT:
    copier = _copier(type(model))
    copier.check_names(changes)
    new = copier.copy(model)
    if changes:
        if new is model:
            msg = f"{type(model).__qualname__}.__replace__() can't change {model!r}: there can be no copy of it"
            raise TypeError(msg)
        copier.change(new, changes)
    return new


_METHODS: typing.Final = {"__copy__": copy_attrs, "__deepcopy__": deep_copy_attrs, "__replace__": _replace}


def _subclass_hook(owner: typing.Any) -> collections.abc.Callable[..., None]:
    def __init_subclass__(cls: type, **kwargs: typing.Any) -> None:  # noqa: N807
        own = vars(typing.cast("type", owner))[_INIT_SUBCLASS]
        if own is None:
            super(owner, cls).__init_subclass__(**kwargs)
        else:
            own.__get__(None, cls)(**kwargs)

        # From Python 3.13 on, attrs makes a __replace__ that constructs, for each class without one of its own.
        replace: typing.Any = getattr(cls, "__replace__")  # noqa: B009
        if replace is _replace or getattr(replace, "__globals__", {}).get("__name__", "").startswith("attr."):
            type.__setattr__(cls, "__replace__", _replace)

    return __init_subclass__


def _copier(cls: type[ModelT]) -> _Copier[ModelT]:
    """Find the copier of a class, which the class alone holds, or make it."""
    copier: _Copier[ModelT] | None = vars(cls).get(_COPIER)
    # A class that was made from another's dict, as attrs makes slotted ones, has the other's copier in it.
    if copier is None or copier.cls is not cls:
        copier = _Copier(cls)
        type.__setattr__(cls, _COPIER, copier)
        for name, method in copier.generated.items():
            if vars(cls).get(name) is _METHODS[name]:
                type.__setattr__(cls, name, method)
    return copier


class _Copier(typing.Generic[ModelT]):
    """Where the objects of one class keep their state, and how to copy it."""

    __slots__ = (
        "base", "built_in", "cls", "copy", "deep_copy", "dict", "direct", "fields", "generated", "members", "shared",
    )  # fmt: skip

    def __init__(self, cls: type[ModelT]) -> None:
        self.cls = cls
        self.fields = attrs.fields(typing.cast("type[attrs.AttrsInstance]", cls))
        # A plain class may have several attrs classes as bases.
        all_fields = {
            field.name: field for base in reversed(cls.__mro__) for field in vars(base).get("__attrs_attrs__", ())
        }
        self.shared = frozenset(name for name, field in all_fields.items() if field.metadata.get(SKIP_DEEP_COPY))

        descriptors = (types.GetSetDescriptorType, types.MemberDescriptorType)
        dicts = [vars(base).get("__dict__") for base in cls.__mro__]
        dicts = [found for found in dicts if isinstance(found, descriptors)]
        self.dict: typing.Any = dicts[0] if dicts else None
        # Slots, and what built-in types have like them. A slot that attrs reuses stands in two classes, and any class
        # may keep one of a class that is none of its bases.
        found = [value for base in cls.__mro__ for value in vars(base).copy().values()]
        members = dict.fromkeys(value for value in found if isinstance(value, types.MemberDescriptorType))
        self.members = tuple(member for member in members if member not in dicts and member.__objclass__ in cls.__mro__)

        self.base = _layout(cls)
        self.built_in = _built_in(cls, self.base)

        self.copy: collections.abc.Callable[[ModelT], ModelT] = self.copy_exactly
        self.deep_copy: collections.abc.Callable[[ModelT, Memo], ModelT] = self.copy_exactly
        self.generated: dict[str, typing.Any] = {}
        # The generated __deepcopy__, where no object can have another one for itself.
        self.direct: typing.Any = None
        if issubclass(cls, (enum.Enum, type)):
            # The copy module takes these for unchangeable: there is one of each.
            self.copy = self.deep_copy = _same
        elif self.base is object and self.built_in is _NOTHING_HELD:
            self.generated = _generate(self)
            self.copy, self.deep_copy = self.generated["__copy__"], self.generated["__deepcopy__"]
            if self.dict is None and cls.__getattribute__ is object.__getattribute__:
                self.direct = self.deep_copy

    def copy_exactly(self, model: ModelT, memo: Memo | None = None) -> ModelT:
        """Copy what is set, whatever the class is made of; deep if there is a memo."""
        # An exception has what its __init__ takes among its args, too.
        shared = {id(_stored(model, name)) for name in self.shared}

        def take(value: typing.Any) -> typing.Any:
            return value if memo is None or id(value) in shared else _deepcopy(value, memo)

        if self.built_in is None:
            new = _make_by_pickling(self.cls, self.base, model, take)
        else:
            new = self.base.__new__(self.cls, *self.built_in.new_args(model, take))
        if memo is not None:
            # Copying what the object is made from may have come back to the object itself.
            if id(model) in memo:
                return typing.cast("ModelT", memo[id(model)])
            memo[id(model)] = new

        for member in self.members:
            self.copy_member(member, model, new, memo)
        if self.dict is not None:
            self.copy_dict(model, new, memo)
        if self.built_in is not None:
            self.built_in.fill(new, model, take)
        return typing.cast("ModelT", new)

    def copy_member(self, member: types.MemberDescriptorType, model: ModelT, new: ModelT, memo: Memo | None) -> None:
        try:
            value = member.__get__(model)
        except AttributeError:
            return
        value = self.take(member.__name__, value, memo)
        if "__slots__" in vars(member.__objclass__):
            member.__set__(new, value)
        elif value is not None:
            # A built-in type reads None where it has nothing, and may refuse to be written.
            with contextlib.suppress(AttributeError, TypeError):
                member.__set__(new, value)

    def copy_dict(self, model: ModelT, new: ModelT, memo: Memo | None) -> None:
        values = list(self.dict.__get__(model).items())
        self.dict.__get__(new).update([(name, self.take(name, value, memo)) for name, value in values])

    def take(self, name: str, value: typing.Any, memo: Memo | None) -> typing.Any:
        if memo is None:
            return value
        if name == _CACHED_HASH:
            return None
        if name in self.shared or type(value) in _UNCHANGEABLE:
            return value
        return _deepcopy(value, memo)

    def check_names(self, names: collections.abc.Iterable[str]) -> None:
        taken = {field.alias for field in self.fields if field.init}
        kept = {name for field in self.fields if not field.init for name in (field.name, field.alias)}
        for name in names:
            if name not in taken:
                problem = f"got an unexpected keyword argument {name!r}"
                if name in kept:
                    problem = f"can't replace {name!r}, which __init__ does not take"
                msg = f"{self.cls.__qualname__}.__replace__() {problem}"
                raise TypeError(msg)

    def change(self, new: ModelT, changes: dict[str, typing.Any]) -> None:
        """Set attributes by their init names, and forget what was derived from the old values."""
        fields = [field for field in self.fields if field.init]
        if isinstance(new, BaseException):
            args = vars(BaseException)["args"]
            shown, old = args.__get__(new), [_stored(new, field.name) for field in fields]
            # attrs makes what an exception's __init__ takes its args, too, and str() shows them.
            if len(shown) == len(old) and all(map(operator.is_, shown, old)):
                args.__set__(
                    new, tuple(changes.get(str(field.alias), value) for field, value in zip(fields, old, strict=True))
                )

        for field in fields:
            if field.alias in changes:
                self.base.__setattr__(new, field.name, changes[field.alias])

        for name in _cached_properties(self.cls) - {field.name for field in self.fields}:
            with contextlib.suppress(AttributeError):
                self.base.__delattr__(new, name)
        with contextlib.suppress(AttributeError):
            object.__getattribute__(new, _CACHED_HASH)
            self.base.__setattr__(new, _CACHED_HASH, None)


def _same(model: ModelT, _memo: Memo | None = None) -> ModelT:
    return model


def _stored(model: object, name: str) -> typing.Any:
    """Read an attribute, without asking a `__getattr__` for one that is not set."""
    with contextlib.suppress(AttributeError):
        return object.__getattribute__(model, name)
    return None


def _cached_properties(cls: type) -> set[str]:
    names: set[str] = set()
    for base in reversed(cls.__mro__):
        own = vars(base).copy()
        # What overrides a cached property is none.
        names -= own.keys()
        names |= {name for name, value in own.items() if isinstance(value, functools.cached_property)}
        # attrs turns those of a slotted class into slots, which a __getattr__ of its making fills.
        code = getattr(own.get("__getattr__"), "__code__", None)
        if code is not None and "cached_properties" in code.co_varnames[: code.co_argcount]:
            names |= own["__getattr__"].__defaults__[0].keys()
    return names


class _BuiltIn(typing.NamedTuple):
    """How to carry over what an object holds as an object of a built-in type."""

    new_args: collections.abc.Callable[[typing.Any, Take], collections.abc.Iterable[typing.Any]]
    fill: collections.abc.Callable[[typing.Any, typing.Any, Take], None]


# In what follows, the built-in types' own methods are called, past those that a subclass overrides. For a type checker,
# a method of an unbound generic class has unknown types.
_builtins: typing.Final[typing.Any] = builtins
_collections: typing.Final[typing.Any] = collections


def _no_args(_model: object, _take: Take) -> tuple[()]:
    return ()


def _no_fill(_new: object, _model: object, _take: Take) -> None:
    pass


def _immutable(base: typing.Any) -> _BuiltIn:
    def new_args(model: object, take: Take) -> typing.Any:
        return take(base.__getnewargs__(model))

    return _BuiltIn(new_args, _no_fill)


def _frozenset_args(model: frozenset[object], take: Take) -> tuple[list[object]]:
    return ([take(value) for value in _builtins.frozenset.__iter__(model)],)


def _exception_args(model: BaseException, take: Take) -> list[object]:
    # Only a group is given something when it is made that can't be set later.
    names = ("message", "exceptions") if isinstance(model, _EXCEPTION_GROUP) else ()
    return [take(vars(_EXCEPTION_GROUP)[name].__get__(model)) for name in names]


def _fill_exception(new: BaseException, model: BaseException, take: Take) -> None:
    own = vars(BaseException)
    own["args"].__set__(new, tuple(take(value) for value in own["args"].__get__(model)))
    # How it came to be raised is a record of what happened: even a deep copy shares it.
    for name in ("__traceback__", "__context__", "__cause__", "__suppress_context__"):
        own[name].__set__(new, own[name].__get__(model))
    if isinstance(model, OSError):
        written = vars(OSError)["characters_written"]
        with contextlib.suppress(AttributeError):
            written.__set__(new, written.__get__(model))


def _fill_bytearray(new: bytearray, model: bytearray, _take: Take) -> None:
    bytearray.extend(new, memoryview(model))


def _fill_deque(new: collections.deque[object], model: collections.deque[object], take: Take) -> None:
    values = [take(value) for value in list(_collections.deque.__iter__(model))]
    _collections.deque.__init__(new, values, vars(collections.deque)["maxlen"].__get__(model))


def _fill_dict(new: dict[object, object], model: dict[object, object], take: Take) -> None:
    _builtins.dict.update(new, [(take(key), take(value)) for key, value in list(_builtins.dict.items(model))])


def _fill_list(new: list[object], model: list[object], take: Take) -> None:
    _builtins.list.extend(new, [take(value) for value in _builtins.list.__getitem__(model, slice(None))])


def _fill_ordered_dict(
    new: collections.OrderedDict[object, object], model: collections.OrderedDict[object, object], take: Take
) -> None:
    for key, value in list(_collections.OrderedDict.items(model)):
        _collections.OrderedDict.__setitem__(new, take(key), take(value))


def _fill_set(new: set[object], model: set[object], take: Take) -> None:
    _builtins.set.update(new, [take(value) for value in list(_builtins.set.__iter__(model))])


def _holding(name: str, copied: Take) -> _BuiltIn:
    """Carry over what a collection that is written in Python holds in an attribute, and would copy."""

    def fill(new: object, model: object, _take: Take) -> None:
        held = _stored(model, name)
        # In a deep copy it is another object by now.
        if held is not None and _stored(new, name) is held:
            object.__setattr__(new, name, copied(held))

    return _BuiltIn(_no_args, fill)


def _copied_maps(maps: list[typing.Any]) -> list[typing.Any]:
    # The first mapping is the one that is written to.
    return [*map(copy.copy, maps[:1]), *maps[1:]]


def _refuse(model: object, _take: Take) -> typing.NoReturn:
    msg = f"can't copy a {type(model).__qualname__}: what it refers to weakly can't be carried over"
    raise TypeError(msg)


_EXCEPTION_GROUP: typing.Final = getattr(builtins, "BaseExceptionGroup", ())  # since Python 3.11

_NOTHING_HELD: typing.Final = _BuiltIn(_no_args, _no_fill)

_BUILT_IN: typing.Final[dict[type, _BuiltIn]] = {
    **{base: _immutable(base) for base in (bytes, complex, float, int, str, tuple)},
    frozenset: _BuiltIn(_frozenset_args, _no_fill),
    BaseException: _BuiltIn(_exception_args, _fill_exception),
    bytearray: _BuiltIn(_no_args, _fill_bytearray),
    collections.ChainMap: _holding("maps", _copied_maps),
    collections.OrderedDict: _BuiltIn(_no_args, _fill_ordered_dict),
    collections.UserDict: _holding("data", copy.copy),
    collections.UserList: _holding("data", copy.copy),
    collections.deque: _BuiltIn(_no_args, _fill_deque),
    dict: _BuiltIn(_no_args, _fill_dict),
    list: _BuiltIn(_no_args, _fill_list),
    set: _BuiltIn(_no_args, _fill_set),
    **dict.fromkeys(
        (weakref.WeakKeyDictionary, weakref.WeakSet, weakref.WeakValueDictionary), _BuiltIn(_refuse, _no_fill)
    ),
}


def _layout(cls: type) -> typing.Any:
    """Find the class that gives the objects their layout, and can make one."""
    while getattr(vars(cls).get("__new__"), "__self__", None) is not cls:
        cls = typing.cast("type", cls.__base__)
    return cls


def _built_in(cls: type, base: type) -> _BuiltIn | None:
    # A type in between may hold more than the one that is known, but for the exceptions, whose members tell.
    known = (owner for owner in cls.__mro__ if issubclass(owner, base) or owner is BaseException)
    found = next((_BUILT_IN[owner] for owner in known if owner in _BUILT_IN), None)
    word = struct.calcsize("P")
    beside = word * ((base.__dictoffset__ > 0) + (base.__weakrefoffset__ > 0))
    if found is None and base.__basicsize__ == object.__basicsize__ + beside:
        return _NOTHING_HELD
    return found


def _make_by_pickling(cls: type, base: typing.Any, model: object, take: Take) -> typing.Any:
    """Make an object as its built-in base would unpickle it, for bases that are not in the table."""
    # attrs gives slotted classes a __setstate__ that knows the attributes alone.
    owners = (owner for owner in cls.__mro__ if "__setstate__" in vars(owner) and not attrs.has(owner))
    owner: typing.Any = next(owners, None)
    state: typing.Any = None
    make, args, init = None, (), base.__init__
    if base.__reduce_ex__ is not object.__reduce_ex__:
        make, args, state = (*base.__reduce_ex__(model, 4), None)[:3]
    elif base.__reduce__ is not object.__reduce__:
        make, args, state = (*base.__reduce__(model), None)[:3]
    elif owner is not None:
        make, state, init = cls, owner.__getstate__(model), object.__init__

    new = None
    if make is cls:
        new = base.__new__(cls, *take(args))
        if init is not object.__init__:
            init(new, *take(args))
    elif make is not None:
        new = make(*take(args))
    if type(new) is not cls or new is model:
        msg = f"can't copy a {cls.__qualname__}: what it holds as a {base.__qualname__} can't be reached"
        raise TypeError(msg)
    if owner is not None and state is not None:
        own = getattr(model, "__dict__", None)
        if own and type(state) is tuple and state[-1:] == (own,):
            # The attributes are copied by themselves.
            state = (*state[:-1], {})
        owner.__setstate__(new, take(state))
    return new


def _generate(copier: _Copier[ModelT]) -> dict[str, typing.Any]:
    """Write `__copy__` and `__deepcopy__` as a person would by hand, for a class without a built-in base."""
    cls = copier.cls
    namespace: dict[str, typing.Any] = {
        "Class": cls,
        "copier": copier,
        "copy_attrs": copy_attrs,
        "deep_copy_attrs": deep_copy_attrs,
        "deepcopy": _deep_copy_value,
        "new_object": object.__new__,
        "unchangeable": _UNCHANGEABLE,
        **_UNCHANGEABLE_BY_NAME,
    }
    if copier.dict is not None:
        namespace["get_dict"] = copier.dict.__get__
    for index, member in enumerate(copier.members):
        namespace[f"get{index}"], namespace[f"set{index}"] = member.__get__, member.__set__

    source = _source(copier)
    filename = f"<copies of {cls.__module__}.{cls.__qualname__} at {id(cls):#x}>"
    exec(compile(source, filename, "exec"), namespace)  # noqa: S102
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    weakref.finalize(cls, linecache.cache.pop, filename, None).atexit = False

    methods = {name: namespace[name] for name in ("__copy__", "__deepcopy__")}
    for name, method in methods.items():
        method.__module__, method.__qualname__ = cls.__module__, f"{cls.__qualname__}.{name}"
        method.__doc__ = f"Method generated by hikari_sessions for class {cls.__qualname__}."
    return methods


def _deep_copy_value(value: object, memo: Memo) -> typing.Any:
    """Do what `copy.deepcopy` does, without the detour over it from one generated method to another."""
    own = vars(type(value))
    copier: typing.Any = own.get(_COPIER)
    method: typing.Any = own.get("__deepcopy__")
    if copier is None or method is None or method is not copier.direct:
        return _deepcopy(value, memo)
    new = method(value, memo)
    kept: typing.Any = memo.setdefault(id(memo), [])
    kept.append(value)
    return new


def _source(copier: _Copier[ModelT]) -> str:
    reads: list[str] = []
    shallow: list[str] = []
    deep: list[str] = []
    # What an annotation says is tried first; it need not be true.
    annotated = {field.name: getattr(field.type, "__name__", str(field.type)) for field in copier.fields}
    for index, member in enumerate(copier.members):
        name = member.__name__
        plain_get, plain_set = _is_plain(copier.cls, member)
        read = f"self.{name}" if plain_get else f"get{index}(self)"
        write = f"new.{name} = {{}}" if plain_set else f"set{index}(new, {{}})"

        value = f"v{index}"
        reads.append(f"{value} = {read}")
        shallow.append(write.format(read))
        if name == _CACHED_HASH:
            value = "None"
        elif name not in copier.shared:
            likely = annotated.get(name, "").rpartition(".")[2]
            guess = f"type({value}) is {likely} or " if likely in _UNCHANGEABLE_BY_NAME else ""
            value = f"{value} if {guess}type({value}) in unchangeable else deepcopy({value}, memo)"
        deep.append(write.format(value))

    has_dict = copier.dict is not None
    lines = [
        "def __copy__(self):",
        "    if type(self) is not Class:",
        "        return copy_attrs(self)",
        "    new = new_object(Class)",
        "    try:",
        *(f"        {line}" for line in shallow or ["pass"]),
        "    except AttributeError:",
        "        return copier.copy_exactly(self)",
        *["    get_dict(new).update(get_dict(self))"] * has_dict,
        "    return new",
        "def __deepcopy__(self, memo=None):",
        "    if memo is None or type(self) is not Class:",
        "        return deep_copy_attrs(self, memo)",
        "    key = id(self)",
        "    if key in memo:",
        "        return memo[key]",
        "    try:",
        *(f"        {line}" for line in reads or ["pass"]),
        "    except AttributeError:",
        "        return copier.copy_exactly(self, memo)",
        "    memo[key] = new = new_object(Class)",
        *(f"    {line}" for line in deep),
        *["    copier.copy_dict(self, new, memo)"] * has_dict,
        "    return new",
    ]
    return "".join(f"{line}\n" for line in lines)


def _is_plain(cls: type, member: types.MemberDescriptorType) -> tuple[bool, bool]:
    """Tell whether `object.name` reads, and writes, this member and does no more than that."""
    name = member.__name__
    visible = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
    # The compiler normalises identifiers outside ASCII, and may make other names of them.
    nameable = visible is member and name.isascii() and name not in {*keyword.kwlist, "__debug__"}
    is_object: typing.Any = object
    return (
        nameable and cls.__getattribute__ is is_object.__getattribute__ and not hasattr(cls, "__getattr__"),
        nameable and cls.__setattr__ is is_object.__setattr__,
    )
