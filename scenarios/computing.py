"""Where heavy computing runs: here, in processes of this machine, or on a Dask cluster.

``concurrent.futures`` is the seam: whatever hands out work as an ``Executor`` gives the same bytes.
"""

from __future__ import annotations

import importlib
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.problems import Refused


class NoDask(Refused):
    status = 503
    code = "no-dask"
    title = gettext_lazy("The cluster for calculations cannot be used.")


@contextmanager
def executor() -> Iterator[Executor | None]:
    """The executor that the settings ask for; None computes in this process.

    Raises:
        NoDask: ``DASK_SCHEDULER`` is set and the package ``distributed`` is not installed.
    """
    if settings.DASK_SCHEDULER:
        with _dask(settings.DASK_SCHEDULER) as cluster:
            yield cluster
    elif settings.SCENARIO_PROCESSES > 1:
        # Spawned, not forked: the worker has threads and open databases.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(settings.SCENARIO_PROCESSES, mp_context=context) as pool:
            yield pool
    else:
        yield None


@contextmanager
def _dask(address: str) -> Iterator[Executor]:
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as error:
        raise NoDask(_("DASK_SCHEDULER is set, but the package “distributed” is not installed.")) from error
    with distributed.Client(address) as client:
        yield client.get_executor()
