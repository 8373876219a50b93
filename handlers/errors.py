"""Refusals we expect, as a tree:

    SupportError
    ├── NLUUnavailable            (handlers.nlu)           nobody can read the text right now
    ├── OrdersUnavailable         (handlers.orders)        the shop's system did not answer
    ├── ContentError              (handlers.content_file)  editable content is missing or wrong; names the file
    ├── ThresholdsError           (handlers.bands)         the confidence thresholds are missing or wrong
    ├── TicketNotFound            (handlers.tickets)       no such ticket of this customer
    ├── IllegalTransition         (handlers.tickets)       a ticket cannot go from this status to that one
    ├── TemplateNotFound          (handlers.template_rendering)  there is no such template or answer
    ├── UnresolvedVariables       (handlers.template_rendering)  a template still has variables without a value
    ├── AlreadyTaken              (handlers.handoff)       another agent has the conversation
    ├── CannotMerge               (handlers.duplicates)    two tickets cannot go on as one
    ├── NotAnAgent                (handlers.agents)        a Slack account may not act at the desk
    ├── NotOnTheList, AlreadyOnTheList  (handlers.agents)  an admin names nobody, or somebody twice
    ├── LeadsOnly, AdminsOnly, IncidentNotFound, TextMissing, TimePassed  (handlers.incidents)  an incident's form
    ├── NoticeNotFound, NobodyThere  (handlers.notices)    a notice that is out already, or has no recipients
    ├── BadSchedule               (handlers.duty)          an agent's hours cannot be read
    ├── BadExample                (handlers.training_markup) nothing could be learnt from what was typed
    ├── IntentRefused, ExampleGone  (handlers.training)    an intent cannot be this or cannot go; an example is gone
    ├── AnswerRefused             (handlers.living_answers)   an answer's fields that are wrong, each with its reason
    ├── ChangedMeanwhile, CannotUndo  (handlers.content_history)  others were faster, or build on it; with their edits
    ├── AlreadySeeded             (handlers.content_transfer) the starter content would overwrite living data
    ├── PlanOutdated              (handlers.content_import)   living data were edited since an import was looked at
    ├── ReleaseError              (handlers.releases)      a release cannot be started, put live or taken back
    └── what keeps a reply from being sent (bot.channels.base), and the language server from starting (bot.nlu_progress)

Anything else that is raised is a fault: it is logged with its cause and the customer gets an apology with a reference.
"""

from __future__ import annotations


class SupportError(Exception):
    """An expected refusal; its text states the fact, for the log and the operator, never for the customer."""
