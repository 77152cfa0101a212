"""The kernel a report runs in: the same Python that renders it, whatever the user installed."""

from __future__ import annotations

import sys

import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import default


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
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="smarketing",
            language="python",
            metadata={"supported_encryption": "curve"},
            env={
                # empty means unset: without compiled bytecode every start takes twice as long
                "PYTHONDONTWRITEBYTECODE": "",
                "PYTHONHASHSEED": "0",  # the same page from the same inputs
            },
        )
