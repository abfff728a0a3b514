"""The sentences for what is wrong with a workflow: where, what, and the remedy, in the reader's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_app.workflows.problem import Problem, Wrong

SENTENCES: dict[Wrong, str | Promise] = {
    Wrong.NOT_TOML: gettext_lazy("The text is not valid TOML: %(what)s. Put it right there and check again."),
    Wrong.TOO_LARGE: gettext_lazy("The workflow is too long (most: %(what)s). Divide it into two workflows."),
    Wrong.MISSING: gettext_lazy("“%(what)s” is missing. Add it."),
    Wrong.WRONG_TYPE: gettext_lazy("“%(what)s” is not written as it should be. Write it as in the shipped workflows."),
    Wrong.UNKNOWN_FIELD: gettext_lazy("“%(what)s” is not a field. Remove it or use one of: %(other)s."),
    Wrong.BAD_CODE: gettext_lazy(
        "The code “%(other)s” cannot be used for “%(what)s”. Use at most 40 lower-case letters, digits, hyphens and "
        "underscores."
    ),
    Wrong.NO_NAME: gettext_lazy("“%(what)s” has no text in “%(other)s”. Write it in English (en) and French (fr)."),
    Wrong.TWICE: gettext_lazy("“%(other)s” stands twice under “%(what)s”. Give each its own code."),
    Wrong.BAD_VALUE: gettext_lazy("“%(what)s” has a value that is not known. Use one of: %(other)s."),
    Wrong.BAD_TARGET: gettext_lazy(
        "“%(what)s” must be one whole number above zero, as { hours = 16 } for working hours or { days = 30 } for days "
        "of the calendar. Write one of them."
    ),
    Wrong.NO_STEPS: gettext_lazy("The workflow has no steps. Add at least one [[step]]."),
    Wrong.WHERE_TO: gettext_lazy(
        "It must be clear where the move leads: write exactly one of “to”, “closes” and “joins”."
    ),
    Wrong.TOLD_NO_END: gettext_lazy(
        "“told” is what people read when the request is closed. Keep it only at a move that has “closes”."
    ),
    Wrong.UNKNOWN_STEP: gettext_lazy("There is no step “%(what)s”. Correct the code or add the step."),
    Wrong.UNKNOWN_REASON: gettext_lazy("There is no reason “%(what)s”. Add it under [reasons] or remove it here."),
    Wrong.UNKNOWN_DOCUMENT: gettext_lazy(
        "There is no document “%(what)s”. Add it under [documents] or remove it here."
    ),
    Wrong.UNKNOWN_ANSWER: gettext_lazy(
        "Not every service that uses this workflow asks the question “%(what)s”. Add it to the services or remove it "
        "here."
    ),
    Wrong.UNREACHABLE: gettext_lazy("No move leads to this step. Lead a move to it or remove it."),
    Wrong.DEAD_END: gettext_lazy("The step cannot be left: it has no move. Add a move that leads on or closes."),
    Wrong.NO_WAY_OUT: gettext_lazy(
        "From this step no request can ever be closed: its moves lead round and round. Add a move that closes, or one "
        "that leads to a step that can."
    ),
    Wrong.NO_END: gettext_lazy("No move closes the request. Add “closes” with an outcome to at least one move."),
    Wrong.TWO_OFFICES: gettext_lazy("The step names an office and a kind of office. Keep one of them."),
    Wrong.NO_OFFICE: gettext_lazy(
        "There is no office, or kind of office, “%(what)s” here. Use a code from the list of offices."
    ),
    Wrong.CLOSED_OFFICE: gettext_lazy("The office “%(what)s” is closed for good. Name the one that took its work."),
    Wrong.BRANCH_WITHOUT_OFFICE: gettext_lazy(
        "The step runs beside others, so it needs an office of its own. Write “office” or “office_kind”."
    ),
    Wrong.NEVER_JOINS: gettext_lazy(
        "The branch never ends: the step that waits for it could never be left. Add a move with joins = true."
    ),
    Wrong.JOINS_NOTHING: gettext_lazy(
        "The move ends a branch, but the step is not in one. Write “to” or “closes” instead, or open the step with "
        "“opens”."
    ),
    Wrong.CLOSES_IN_BRANCH: gettext_lazy(
        "A branch cannot close the request. End it with joins = true and close in the step that waits for it."
    ),
    Wrong.OPENS_IN_BRANCH: gettext_lazy("A branch cannot open others. Open them all with one move before it."),
    Wrong.OPENS_AND_ENDS: gettext_lazy("The move closes the request and opens branches. Let it lead to a step."),
    Wrong.BOTH_WAYS: gettext_lazy(
        "The step “%(what)s” is opened as a branch and is also on the request’s own way. Make a second step for the "
        "branch."
    ),
    Wrong.LEAVES_BRANCH: gettext_lazy(
        "The move leads out of a branch, to “%(what)s”. Write joins = true instead: the step that waits goes on when "
        "all branches are done."
    ),
    Wrong.SAME_BRANCH_OFFICE: gettext_lazy(
        "Two branches opened by this move go to the office “%(what)s”. One office can have one of them at a time."
    ),
}


def sentence(problem: Problem) -> str:
    """What is wrong, where, and what to do."""
    said = str(SENTENCES[problem.wrong]) % {"what": problem.what, "other": problem.other}
    if problem.move:
        return _("Step “%(step)s”, move “%(move)s”: %(said)s") % {
            "step": problem.step,
            "move": problem.move,
            "said": said,
        }
    if problem.step:
        return _("Step “%(step)s”: %(said)s") % {"step": problem.step, "said": said}
    return said
