"""Tile builds as work for the worker process."""

from __future__ import annotations

from ar_scenes.models import Scene
from ar_scenes.scenes import build_tiles
from engagement.jobs import Progress, enqueue, job
from engagement.models import Job


@job("ar_scenes.build_tiles")
def build(progress: Progress, slug: str) -> None:
    """Build the tiles of one scene. Started again after a crash, it writes what is missing and swaps the scene once."""
    build_tiles(Scene.objects.get(slug=slug), progress)


def enqueue_build(scene: Scene) -> Job:
    """Let the worker build the scene's tiles; a build that waits or runs already is the same one."""
    return enqueue(build, scene.slug, ref=scene.slug, project=scene.project, label=str(scene))
