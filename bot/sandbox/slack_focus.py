"""Where the keyboard is while something lies over a Slack pane: into it when it opens, back when it is gone."""

from __future__ import annotations

from nicegui import ui

WATCH = """
const pane = getHtmlElement(PANE);
pane.addEventListener('focusin', (event) => {
    const key = event.target.closest('[data-key]')?.dataset.key;
    if (event.target.closest('[role=dialog]')) pane.inside = key;
    else if (event.target.closest('.workspace-frame')) pane.outside = {element: event.target, key};
});
"""
GO_IN = """
const pane = getHtmlElement(PANE);
const go = (tries) => {
    const dialog = getHtmlElement(DIALOG);
    if (!dialog) return tries && requestAnimationFrame(() => go(tries - 1));
    const again = STAYS && pane.inside && dialog.querySelector(`[data-key="${CSS.escape(pane.inside)}"]`);
    const wanted = again || dialog.querySelector('[data-focus]') || dialog.querySelector('.modal-body');
    const fields = 'input, select, textarea, button, a[href]';
    const within = (one) => one.querySelector('.slack-field') || one.querySelector(fields);
    const found = wanted && (wanted.matches(fields) ? wanted
        : wanted.matches('[data-key]') ? within(wanted) : wanted.querySelector(fields));
    (found || dialog.querySelector('.modal-foot button') || dialog).focus();
};
requestAnimationFrame(() => go(30));
"""
GO_BACK = """
const pane = getHtmlElement(PANE);
requestAnimationFrame(() => requestAnimationFrame(() => {
    const dialog = pane.querySelector('[role=dialog]');
    const {element, key} = dialog ? {key: pane.inside} : pane.outside || {};
    const again = key && (dialog || pane.querySelector('.workspace-frame')).querySelector(
        `[data-key="${CSS.escape(key)}"]`);
    const back = element?.isConnected && !element.disabled ? element : again;
    (back || dialog || [...pane.querySelectorAll('textarea')].find((one) => one.offsetParent))?.focus();
}));
"""


class Focus:
    """`pane` is what the dialogs lie over."""

    def __init__(self, pane: ui.element) -> None:
        self._pane = pane
        self._run(WATCH)

    def go_in(self, dialog: ui.element, *, stays: bool) -> None:
        """`stays`: it was open before, and has only been redrawn."""
        self._run(GO_IN.replace("DIALOG", str(dialog.id)).replace("STAYS", "true" if stays else "false"))

    def go_back(self) -> None:
        self._run(GO_BACK)

    def _run(self, code: str) -> None:
        with self._pane:
            ui.run_javascript("{" + code.replace("PANE", str(self._pane.id)) + "}")
