"""A language server that runs already: which model it has, and another one for it."""

from __future__ import annotations

from pathlib import Path

import httpx

from bot.nlu_model import absolute
from bot.nlu_progress import NLUSetupError

_LOAD_SECONDS = 60.0
_STATUS_SECONDS = 5.0
MODEL_SUFFIX = ".tar.gz"


class NLURemote:
    """It has to see model files under the same paths as we do."""

    def __init__(self, url: str, token: str, client: httpx.AsyncClient) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._client = client

    async def model_name(self) -> str | None:
        """The name of its model's file, without the ending; None while it cannot be asked."""
        try:
            response = await self._client.get(
                f"{self._url}/status", params={"token": self._token}, timeout=_STATUS_SECONDS
            )
            status = response.json() if response.status_code == httpx.codes.OK else None
        except (httpx.HTTPError, ValueError):
            return None
        name = status.get("model_file") if isinstance(status, dict) else None
        return Path(name).name.removesuffix(MODEL_SUFFIX) if isinstance(name, str) else None

    async def load(self, model: Path) -> None:
        """Serve another model from now on; the old one reads until it is there. Raises NLUSetupError; it keeps the old
        one then."""
        try:
            response = await self._client.put(
                f"{self._url}/model",
                params={"token": self._token},
                json={"model_file": absolute(model)[0]},
                timeout=_LOAD_SECONDS,
            )
        except httpx.HTTPError as error:
            raise NLUSetupError(f"{model.name} could not be loaded: {type(error).__name__}") from error
        if response.status_code != httpx.codes.NO_CONTENT:
            raise NLUSetupError(f"{model.name} could not be loaded: the server answered {response.status_code}")
