"""Addresses of the desk pages."""

from django.urls import URLPattern, path

from requests_app.web.desk import absences, call, case, handoffs, many, queue, splitting, steps, today, visits, workload

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("", today.today, name="today"),
    path("looked/", today.looked, name="looked"),
    path("queue/", queue.queue, name="queue"),
    path("rows/", queue.rows, name="rows"),
    path("map.json", queue.map_dots, name="map"),
    path("changes/", queue.changes, name="changes"),
    path("many/", many.many, name="many"),
    path("many/run/", many.run, name="many_begin"),
    path("many/done/", many.runs, name="many_runs"),
    path("many/<int:run_id>/", many.run_page, name="many_run"),
    path("many/<int:run_id>/undo/", many.undo, name="many_undo"),
    path("hand-offs/", handoffs.handoff_page, name="handoffs"),
    path("workload/", workload.workload, name="workload"),
    path("away/", absences.absences, name="absences"),
    path("away/enter/", absences.enter, name="absence_enter"),
    path("away/<int:absence_id>/end/", absences.end, name="absence_end"),
    path("visits/", visits.visits, name="visits"),
    path("visits/<int:visit_id>/<int:office_id>/accept/", visits.accept, name="visit_accept"),
    path("visits/<int:visit_id>/<int:office_id>/refuse/", visits.decline, name="visit_decline"),
    path("call/", call.call, name="call"),
    path("call/questions/", call.questions, name="call_questions"),
    path("call/addresses/", call.addresses, name="call_addresses"),
    path("call/nearby/", call.nearby, name="call_nearby"),
    path("call/support/", call.add_caller, name="call_support"),
    path("requests/<str:reference>/", case.case, name="case"),
    path("requests/<str:reference>/person/", case.person, name="person"),
    path("requests/<str:reference>/moves/<slug:slug>/", case.move, name="move"),
    path("requests/<str:reference>/step/<slug:code>/", steps.step, name="step"),
    path("requests/<str:reference>/split/", splitting.split_page, name="split"),
    path("requests/<str:reference>/split/do/", splitting.split_case, name="split_case"),
    path("requests/<str:reference>/review/", steps.begin_review, name="begin_review"),
    path("requests/<str:reference>/documents/ask/", steps.ask_papers, name="ask_papers"),
    path("requests/<str:reference>/documents/add/", steps.add_paper, name="add_paper"),
    path("requests/<str:reference>/documents/<int:document_id>/check/", steps.check_paper, name="check_paper"),
]
