"""The kernel a report runs in: the same Python that renders it, whatever the user installed."""

from __future__ import annotations

import sys

import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

# A report builds many small objects that live to its end: looking for garbage among them as often
# as Python does by default takes a twentieth of its time.
_START = """\
import gc
from ipykernel import kernelapp
gc.set_threshold(100_000, 20, 100)
kernelapp.launch_new_instance()
"""


class OwnPython(AsyncKernelManager):
    """Starts this very interpreter as the kernel.

    A kernel of the name ``python3`` in the user's own folder would otherwise win over the
    environment's, and run the report on other versions of the libraries.
    """

    @default("transport_encryption")
    def _encrypted(self) -> str:
        # others on the machine could otherwise listen in on the socket
        return "auto" if zmq.has("curve") else "disabled"

    @property
    def kernel_spec(self) -> KernelSpec:
        """The specification: never looked up by name."""
        return KernelSpec(
            argv=[sys.executable, "-c", _START, "-f", "{connection_file}"],
            display_name="smarketing",
            language="python",
            metadata={"supported_encryption": "curve"},
            env={
                # empty means unset: without compiled bytecode every start takes twice as long
                "PYTHONDONTWRITEBYTECODE": "",
                "PYTHONHASHSEED": "0",  # the same page from the same inputs
            },
        )
