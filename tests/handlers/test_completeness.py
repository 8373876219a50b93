from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.completeness import check_complete
from handlers.content import Content
from handlers.content_file import ContentError


def test_what_we_ship_is_complete(content: Content) -> None:
    check_complete(content)


@pytest.mark.parametrize(("part", "name"), [("topics", "track_order"), ("answers", "return_policy")])
def test_content_without_what_the_code_asks_for_is_refused_by_name(content: Content, part: str, name: str) -> None:
    left = {key: value for key, value in getattr(content, part).items() if key != name}
    with pytest.raises(ContentError, match=name):
        check_complete(replace(content, **{part: left}))


def test_a_missing_form_is_refused_by_name(content: Content) -> None:
    left = {key: form for key, form in content.forms.forms.items() if key != "complaint"}
    with pytest.raises(ContentError, match="complaint"):
        check_complete(replace(content, forms=content.forms.model_copy(update={"forms": left})))
