"""Act when a module is imported, and let the script import `repro_tui` where it is not installed."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    Wrappers = dict[str, Callable[[ModuleType], None]]

_PRIVATE = "_repro_tui_recorder"
_PUBLIC = "repro_tui"


class AfterImport:
    """A finder that finds nothing itself: it has the others find a module of interest and acts when it has run."""

    def __init__(self, wrappers: Wrappers) -> None:
        self.wrappers = wrappers
        self._searching = False

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Give the spec that the other finders give, prepared to call the wrapper once the module has run."""
        if name not in self.wrappers or self._searching:
            return None
        self._searching = True
        try:
            spec = self._found(name, path, target)
        finally:
            self._searching = False
        if spec is not None:
            self._prepare(spec, self.wrappers[name])
        return spec

    def _found(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        """Ask the other finders, as the import system would have."""
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                return spec
        return None

    def _prepare(self, spec: ModuleSpec, wrapper: Callable[[ModuleType], None]) -> None:
        """Shadow the loader's `exec_module` for this one module; the loader stays the module's own."""
        loader = spec.loader
        if loader is None or isinstance(loader, type) or not hasattr(loader, "exec_module"):
            return
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            loader.__dict__.pop("exec_module", None)
            execute(module)
            _guarded(wrapper, module)

        try:
            loader.exec_module = exec_module  # type: ignore[method-assign]
        except AttributeError:  # a loader that takes no attributes: the module is then not wrapped
            return


class Ourselves:
    """The last finder: gives `repro_tui` to a script whose environment has none, with the recorder and nothing else."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Give the spec of our package or of a module of the recorder."""
        del path, target
        if name != _PUBLIC and not name.startswith(_PUBLIC + "."):
            return None
        # `importlib.util` would import `typing` in older versions, which takes longer than all of the recorder.
        from _frozen_importlib import ModuleSpec
        from _frozen_importlib_external import spec_from_file_location

        folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        if name == _PUBLIC:
            spec = spec_from_file_location(name, folder + "/__init__.py", submodule_search_locations=[])
            if spec is not None:
                spec.submodule_search_locations = []  # its other modules need packages that are not there
                sys.meta_path.insert(0, self)  # before a second copy of the recorder is found in its folder
            return spec
        parts = name.split(".")
        file = os.path.join(folder, *parts[1:])
        if parts[1] != "recorder":
            if os.path.exists(file + ".py") or os.path.isdir(file):
                raise ImportError(
                    f"{name} belongs to the repro-tui program, which is installed in another environment; "
                    "a script can use repro_tui.log, repro_tui.log_params and repro_tui.save.",
                    name=name,
                )
            return None
        if os.path.isdir(file) or os.path.exists(file + ".py"):
            return ModuleSpec(name, _Alias(), is_package=os.path.isdir(file))  # type: ignore[arg-type]
        return None


class _Alias:
    """Loads a module of the recorder under its public name: the very module that already runs, with its state."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Give the running module."""
        from importlib import import_module

        module = import_module(_PRIVATE + spec.name[len(_PUBLIC + ".recorder") :])
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Undo what the import system wrote into a module that has run already."""
        module.__spec__ = self._spec


def _guarded(wrapper: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Call a wrapper; a module of an unknown version may lack what it looks for."""
    try:
        wrapper(module)
    except Exception as error:  # the module then stays as its authors made it
        from .session import active

        if active is not None:
            active.problem("imports", module.__name__, f"{type(error).__name__}: {error}")


def install(wrappers: Wrappers) -> None:
    """Watch for the modules of the table, wrap those that are there already, and offer ourselves last."""
    sys.meta_path.insert(0, AfterImport(wrappers))
    sys.meta_path.append(Ourselves())
    for name, wrapper in wrappers.items():
        module = sys.modules.get(name)
        if module is not None:
            _guarded(wrapper, module)
