"""Weights from the model hub: the last resort, and only when the machine is not told to stay offline."""

from __future__ import annotations

from pathlib import Path

from beholder.errors import WeightsError
from beholder.weights.catalogue import WeightsFile
from beholder.weights.packages import reinstall

REACH_TIMEOUT = 10.0
"""Seconds that the hub may take to answer at all."""


def download(file: WeightsFile, folder: Path) -> Path:
    """Fetch the file into `folder`, resuming what an earlier try left there; returns its path, unverified.

    The hub's client draws its own progress bar. `HF_HUB_OFFLINE`, `HF_ENDPOINT` and the other settings of that client
    hold. Raises `WeightsError` when there is no hub for this file, when it may not or cannot be reached, or when the
    disk refuses the download.
    """
    # Costs a third of a second, and nearly nobody gets here.
    import httpx2  # noqa: PLC0415
    from huggingface_hub import constants, get_session, hf_hub_download, is_offline_mode  # noqa: PLC0415
    from huggingface_hub.errors import EntryNotFoundError, XetDownloadError  # noqa: PLC0415

    if file.hub is None:
        raise WeightsError(f"{file.file_name} is not installed. {_advice(file)}")
    if is_offline_mode():
        raise WeightsError(
            f"{file.file_name} is not installed, and HF_HUB_OFFLINE forbids to fetch it from the hub. {_advice(file)}"
        )
    repository, name = file.hub
    try:
        # The client would try again for half a minute where there is no network at all.
        get_session().head(constants.ENDPOINT, timeout=REACH_TIMEOUT)
        return Path(hf_hub_download(repository, name, local_dir=folder))
    except (OSError, httpx2.HTTPError, EntryNotFoundError, XetDownloadError) as error:
        raise WeightsError(
            f"{file.file_name} is not installed, and fetching it from the hub ({repository}) failed: "
            f"{type(error).__name__}: {error}. {_advice(file)}"
        ) from error


def _advice(file: WeightsFile) -> str:
    ways = []
    if file.parts:
        ways.append(f"run: {reinstall(file.parts)}")
    if file.setting:
        ways.append(f"give the path of a file of your own in the setting `{file.setting}`")
    return f"To put it right, {', or '.join(ways)}." if ways else ""
