"""Addresses of the citizen's pages."""

from django.urls import path

from requests_app.web.citizen import (
    account,
    case,
    demo,
    demo_mail,
    find,
    following,
    from_mail,
    home,
    invitation,
    mine,
    papers,
    report,
    thanks,
)

app_name = "citizen"

urlpatterns = [
    path("", home.home, name="home"),
    path("map/base.json", home.base_map, name="base_map"),
    path("map/pins.json", home.pins, name="pins"),
    path("find/", find.find, name="find"),
    path("report/", report.what, name="report"),
    path("report/thanks/", thanks.thanks, name="report_thanks"),
    path("report/addresses/", report.addresses, name="addresses"),
    path("report/spot/", report.spot, name="spot"),
    path("report/photos/<slug:name>/", report.pending_photo, name="pending_photo"),
    path("report/<slug:service>/where/", report.where, name="report_where"),
    path("report/<slug:service>/words/", report.words, name="report_words"),
    path("report/<slug:service>/send/", report.send, name="report_send"),
    path("requests/<str:reference>/", case.page, name="request"),
    path("requests/<str:reference>/track/<slug:token>/", case.track, name="track"),
    path("requests/<str:reference>/photos/<int:photo_id>/", case.photo, name="photo"),
    path("from-mail/<slug:token>/", from_mail.open_case, name="from_mail"),
    path("follow/<slug:token>/", following.confirm, name="follow"),
    path("mine/", mine.mine, name="mine"),
    path("mine/sign-out/", mine.leave, name="mine_leave"),
    path("mine/<slug:token>/", mine.open_mine, name="mine_open"),
    path("is-it-fixed/<slug:token>/", from_mail.is_it_fixed, name="is_it_fixed"),
    path("stop-mails/<slug:token>/", from_mail.stop, name="stop_mails"),
    path("requests/<str:reference>/documents/", papers.documents, name="documents"),
    path("requests/<str:reference>/documents/<int:document_id>/", papers.document, name="document"),
    path("sign-in/", account.SignIn.as_view(), name="sign_in"),
    path("invitation/<slug:token>/", invitation.invitation, name="invitation"),
    path("sign-out/", account.sign_out, name="sign_out"),
    path("demo/as/<slug:role>/", demo.look_around, name="demo_as"),
    path("demo/mail/", demo_mail.drawer, name="demo_mail"),
    path("demo/mail/<slug:name>/", demo_mail.one, name="demo_mail_one"),
    path("demo/mail/<slug:name>/html/", demo_mail.one_html, name="demo_mail_html"),
    path("tour/", demo.tour, name="tour"),
]
