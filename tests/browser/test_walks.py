"""A building permit and a benefit application, walked from the first screen to the decision by all who touch them."""

import pytest
from playwright.sync_api import Page, expect

from requests_app import actions
from requests_app.actions.verify import differences
from requests_app.models import Document, ServiceRequest
from requests_app.permissions import ANONYMOUS
from tests.applications import OFFICES, Applications, applications
from tests.browser.conftest import NewPage
from tests.browser.walking import PATIENCE_MS, Walk
from tests.factories import command, submission

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("language", ["en", "fr"])]

SITE_PLAN = ("Site plan", "Plan d’implantation")
DRAWINGS = ("Construction drawings", "Plans de construction")
PAYMENT = ("Proof of payment", "Preuve de paiement")
IDENTITY = ("Proof of identity", "Preuve d’identité")
INCOME = ("Proof of income", "Preuve de revenu")
LEASE = ("Lease or rent receipt", "Bail ou reçu de loyer")
BANK = ("Bank details (void cheque)", "Coordonnées bancaires (chèque annulé)")
COMPLETE = ("It is complete", "Le dossier est complet")


@pytest.fixture
def town(live_city: str) -> Applications:
    expect.set_options(timeout=PATIENCE_MS)
    return applications()


def file_application(walk: Walk, page: Page, service: str, answer: str) -> str:
    """From the home page to the tracking page, on a phone; the reference."""
    page.goto("/")
    walk.look(page, "home")
    page.locator(".home__button").first.click()
    walk.look(page, "what")
    page.locator(f"button[value={service}]").click()
    if service == "permit":
        page.wait_for_selector("pin-map[data-ready]")
        page.locator("#address-q").press_sequentially("1 king")
        page.get_by_label(walk.of(("1 King Street", "1, rue King"))).check()
        walk.look(page, "where")
        page.locator("#where-form button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(walk.says("About your application"))
    walk.look(page, "words")
    if service == "permit":
        page.get_by_label(answer).check()
    else:
        page.locator("#field-answer-household").fill(answer)
    page.locator("#field-words").fill(
        walk.of(("It is for my house on King Street.", "C’est pour ma maison, rue King."))
    )
    page.locator("[data-draft] button[type=submit]").last.click()
    page.locator("#field-name").fill("Ada Example")
    page.locator("#field-email").fill("ada@example.org")
    walk.look(page, "send")
    page.locator("[data-once]").click()
    reference = page.locator(".sent__reference").inner_text()
    walk.look(page, "thanks")
    page.get_by_role("link", name=walk.says("Send a document")).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return reference


def take(walk: Walk, page: Page, reference: str, what: str) -> None:
    """The office opens its day, finds the case, takes it."""
    walk.look(page, f"{what}-today")
    walk.open_case(page, reference)
    walk.look(page, f"{what}-case")
    walk.press(page, walk.says("Accept"))
    expect(page.locator(".notices")).to_be_visible()


def step_of(reference: str) -> str:
    return str(ServiceRequest.objects.get(reference=reference).step)


def ledger_tells_the_same(reference: str) -> None:
    """Every case of the town, rebuilt from its events, is what is saved."""
    assert dict(differences())[reference] == []
    assert not [one for one, fields in differences() if fields]


def decided(walk: Walk, page: Page, told: str, words: str) -> None:
    """The citizen reads the decision in plain words."""
    page.reload()
    expect(page.locator(".case__head")).to_contain_text(told)
    expect(page.locator("#case-live")).to_contain_text(words)
    walk.look(page, "decided")


def evaluated(walk: Walk, town: Applications, offices: list[str], reference: str) -> None:
    """The evaluator finds the offices of the case in the report, and the case in its list."""
    page = walk.staff(town.world.evaluator, "/evaluate/")
    walk.look(page, "report")
    for code in offices:
        expect(page.locator("#offices")).to_contain_text(walk.of(OFFICES[code][1:]))  # type: ignore[arg-type]
    page.goto("/evaluate/testford/cases/?figure=all")
    expect(page.locator("tbody")).to_contain_text(reference)
    walk.look(page, "cases")


def test_a_building_permit_from_the_first_screen_to_the_decision(
    town: Applications, new_page: NewPage, language: str
) -> None:
    walk = Walk(new_page, language, "permit")
    citizen = walk.citizen()
    reference = file_application(walk, citizen, "permit", walk.of(("A deck", "Une terrasse")))
    for kind in ("site_plan", "drawings"):
        walk.send_paper(citizen, kind)
    walk.look(citizen, "papers-sent")

    permits = walk.staff(town.staff["permits"])
    take(walk, permits, reference, "permits")
    walk.fold(permits, walk.of(COMPLETE))
    expect(permits.locator(".case-desk__moves")).to_contain_text(walk.says("Not possible yet"))
    walk.look(permits, "permits-taken")
    for name in (SITE_PLAN, DRAWINGS):
        walk.accept_paper(permits, name)
    walk.move(permits, COMPLETE)
    walk.move(permits, ("It conforms: start both reviews", "Conforme : lancer les deux examens"))
    walk.look(permits, "permits-reviews-run")
    citizen.reload()
    walk.look(citizen, "reviews-run")

    plans, fire = walk.staff(town.staff["plans"]), walk.staff(town.staff["fire"])
    for page, verdict in ((plans, ("Meets the Code", "Conforme au Code")), (fire, ("Safe", "Sécuritaire"))):
        walk.open_case(page, reference)
        walk.look(page, f"review-{verdict[0]}")
        walk.press(page, walk.says("Begin the review"))
        expect(page.locator(".notices")).to_be_visible()
        permits.reload()
        walk.fold(permits, walk.of(("All reviews are good", "Tous les examens sont favorables")))
        expect(permits.locator(".move[open]")).to_contain_text(walk.says("Not possible yet"))
        walk.move(page, verdict)
    walk.leave(plans, fire)
    assert step_of(reference) == "review"
    permits.reload()
    walk.move(permits, ("All reviews are good", "Tous les examens sont favorables"))

    walk.ask_for(permits, ["proof_of_payment"], walk.of(("The fees are $240.", "Les droits sont de 240 $.")))
    walk.look(permits, "permits-waits")
    citizen.reload()
    walk.look(citizen, "asked-for-payment")
    walk.send_paper(citizen, "proof_of_payment", waited=True)
    permits.reload()
    walk.accept_paper(permits, PAYMENT)
    walk.move(permits, ("The fees are paid", "Les droits sont acquittés"))
    expect(permits.locator(".case-desk__moves")).to_contain_text(walk.says("Only the manager:"))
    walk.look(permits, "permits-decision")
    walk.leave(permits)

    manager = walk.staff(town.world.manager)
    walk.look(manager, "manager-today")
    walk.open_case(manager, reference)
    words = walk.of(("You may build your deck.", "Vous pouvez construire votre terrasse."))
    walk.fold(manager, walk.of(("Issue the permit", "Délivrer le permis")))
    walk.look(manager, "manager-decides")
    manager.reload()
    walk.move(manager, ("Issue the permit", "Délivrer le permis"), words=words)
    walk.look(manager, "manager-decided")
    decided(walk, citizen, walk.of(("Permit issued", "Permis délivré")), words)
    evaluated(walk, town, ["permits", "plans", "fire"], reference)
    ledger_tells_the_same(reference)


def at_the_decision(town: Applications) -> actions.Submitted:
    """A permit that came to the decision over a variance that was not granted."""
    contact = actions.Contact(name="Bo Example", email="bo@example.org")
    form = submission(town.permit, answers={"build": "house"}, contact=contact)
    filed = actions.submit(form, viewer=ANONYMOUS)
    for kind in ("site_plan", "drawings"):
        Document.objects.create(request=filed.request, kind=kind, status=Document.Status.ACCEPTED)
    clerk = town.staff["permits"]
    actions.accept(command(filed.request, clerk))
    for chosen in (
        actions.Chosen("complete"),
        actions.Chosen("needs_variance", reason="setback", words="It is too close to the lot line."),
        actions.Chosen("not_granted", reason="variance_refused"),
    ):
        actions.make_move(command(filed.request, clerk), chosen)
    return filed


def test_a_permit_is_refused_with_a_reason_that_the_citizen_reads(
    town: Applications, new_page: NewPage, language: str
) -> None:
    walk = Walk(new_page, language, "refused")
    filed = at_the_decision(town)
    reference = filed.request.reference
    manager, refuse = walk.staff(town.world.manager), ("Refuse the permit", "Refuser le permis")
    walk.open_case(manager, reference)
    walk.fold(manager, walk.of(refuse)).locator("form button:not([tabindex])").last.click()
    expect(manager.locator(".move[open] .error").first).to_be_visible()
    walk.look(manager, "refused-form")
    words = walk.of(("The house would be too close to the lot line.", "La maison serait trop près de la limite."))
    manager.reload()
    reason = ("The variance was refused", "La dérogation a été refusée")
    walk.open_case(manager, reference)
    walk.move(manager, refuse, reason=reason, words=words)
    walk.look(manager, "manager-refused")
    citizen = walk.citizen()
    citizen.goto(f"/requests/{reference}/track/{filed.tracking_token}/")
    decided(walk, citizen, walk.of(("Permit refused", "Permis refusé")), words)
    expect(citizen.locator("#case-live")).to_contain_text(walk.of(reason))
    ledger_tells_the_same(reference)


def test_a_benefit_with_documents_that_travel_and_are_asked_for_again(
    town: Applications, new_page: NewPage, language: str
) -> None:
    walk = Walk(new_page, language, "benefit")
    citizen = walk.citizen()
    reference = file_application(walk, citizen, "benefit", "3")
    walk.send_paper(citizen, "identity")

    intake = walk.staff(town.staff["benefits"])
    take(walk, intake, reference, "intake")
    walk.accept_paper(intake, IDENTITY)
    walk.move(intake, COMPLETE)
    walk.look(intake, "intake-gone")
    walk.leave(intake)

    eligibility = walk.staff(town.staff["eligibility"])
    take(walk, eligibility, reference, "eligibility")
    expect(eligibility.locator("#documents .paper--accepted")).to_contain_text(walk.of(IDENTITY))
    walk.move(eligibility, ("Eligible: verify the documents", "Admissible : vérifier les documents"))
    walk.leave(eligibility)

    verification = walk.staff(town.staff["verification"])
    take(walk, verification, reference, "verification")
    walk.ask_for(verification, ["income", "lease"], walk.of(("Of the last two months.", "Des deux derniers mois.")))
    citizen.reload()
    walk.look(citizen, "asked-for-two")
    for kind in ("income", "lease"):
        walk.send_paper(citizen, kind, waited=True)
    verification.reload()
    walk.look(verification, "verification-papers")
    unreadable = walk.of(("The second page is dark.", "La deuxième page est trop sombre."))
    walk.send_back(verification, INCOME, unreadable)
    walk.accept_paper(verification, LEASE)
    walk.look(verification, "verification-asked-again")
    citizen.reload()
    expect(citizen.locator("#documents")).to_contain_text(unreadable)
    walk.look(citizen, "asked-again")
    walk.send_paper(citizen, "income", waited=True)
    verification.reload()
    walk.accept_paper(verification, INCOME)
    walk.move(verification, ("The documents are good", "Les documents sont bons"))
    walk.leave(verification)

    payments = walk.staff(town.staff["payments"])
    take(walk, payments, reference, "payments")
    expect(payments.locator("#documents .paper--accepted")).to_have_count(3)
    expect(payments.locator(".case-desk__moves")).to_contain_text(walk.of(("Refuse", "Refuser")))
    manager = walk.staff(town.world.manager)
    walk.open_case(manager, reference)
    granted = walk.of(("You get 200 dollars a month.", "Vous recevez 200 dollars par mois."))
    walk.move(manager, ("Approve", "Approuver"), words=granted)
    walk.look(manager, "manager-approved")
    walk.leave(manager)

    payments.reload()
    walk.ask_for(payments, ["bank"], walk.of(("We pay into your account.", "Nous payons dans votre compte.")))
    citizen.reload()
    expect(citizen.locator("#case-live")).to_contain_text(granted)
    walk.look(citizen, "granted-asked-for-bank")
    walk.send_paper(citizen, "bank", waited=True)
    payments.reload()
    walk.accept_paper(payments, BANK)
    walk.move(payments, ("It is paid", "L’aide est versée"))
    walk.look(payments, "payments-done")
    decided(walk, citizen, walk.of(("Help granted and paid", "Aide accordée et versée")), granted)
    evaluated(walk, town, ["benefits", "eligibility", "verification", "payments"], reference)
    ledger_tells_the_same(reference)
