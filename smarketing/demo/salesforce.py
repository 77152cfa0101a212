"""The demo's Salesforce exports, in the style of Data Loader: API names, all quoted, ISO UTC."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from smarketing.demo.company import Lead
from smarketing.demo.draw import to_local
from smarketing.demo.journey import DESK, ROBOT, Deal
from smarketing.demo.truth import TRUTH
from smarketing.demo.warts import unknown_moves
from smarketing.demo.writing import salesforce_id, write_csv

LEAD_HEADER = (
    "Id", "IsDeleted", "LastName", "FirstName", "Title", "Company", "Country", "Phone", "Email",
    "LeadSource", "Status", "NumberOfEmployees", "OwnerId", "IsConverted", "ConvertedDate",
    "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId", "CreatedDate",
    "CreatedById", "LastModifiedDate", "SystemModstamp", "HubSpot_Contact_Id__c",
    "Buying_Role__c",
)  # fmt: skip
HISTORY_HEADER = ("Id", "IsDeleted", "LeadId", "CreatedById", "CreatedDate", "Field", "DataType",
                  "OldValue", "NewValue", "Reason__c")  # fmt: skip
OPPORTUNITY_HEADER = (
    "Id", "IsDeleted", "AccountId", "Name", "StageName", "Amount", "CurrencyIsoCode",
    "Probability", "CloseDate", "Type", "LeadSource", "IsClosed", "IsWon", "ForecastCategory",
    "OwnerId", "CreatedDate", "Closed_At__c", "Loss_Reason__c", "HubSpot_Company_Id__c",
)  # fmt: skip
TASK_HEADER = ("Id", "IsDeleted", "WhoId", "OwnerId", "Type", "TaskSubtype", "Subject", "Status",
               "IsClosed", "CallType", "CallDisposition", "CallDurationInSeconds",
               "ActivityDate", "CompletedDateTime", "CreatedDate")  # fmt: skip

_FIRST_STATUS = "Marketing Qualified"
_BUYING_ROLE = {"cto": "Decision maker", "cfo": "Decision maker", "it_manager": "Decision maker",
                "operations_manager": "Influencer"}  # fmt: skip
_OPEN_STAGES = ("Prospecting", "Proposal/Price Quote", "Negotiation/Review")


def user_id(number: int) -> str:
    """Return the Salesforce id of a user: four reps, two of the desk, the automation."""
    return salesforce_id("005", 101 + number)


def _iso(utc: datetime) -> str:
    return f"{utc:%Y-%m-%dT%H:%M:%S}.000Z"


class SalesforceExport:
    """Writes the four files; leads are numbered in the order they became MQLs."""

    def __init__(self, leads: list[Lead]) -> None:
        handed = [(mql_at, lead) for lead in leads if (mql_at := lead.journey.mql_at)]
        handed.sort(key=lambda pair: (pair[0], pair[1].contact.record_id))
        self.handed, self.leads = handed, [lead for _, lead in handed]
        self.ids = {
            lead.contact.record_id: salesforce_id("00Q", number)
            for number, lead in enumerate(self.leads, start=4001)
        }
        deals = sorted(
            (deal.opened, lead.contact.record_id, deal, lead)
            for lead in self.leads
            for deal in lead.journey.deals
        )
        self.deals = [(deal, lead) for _, _, deal, lead in deals]
        self.deal_ids = {
            id(deal): salesforce_id("006", number)
            for number, (deal, _) in enumerate(self.deals, start=701)
        }

    def write(self, folder: Path) -> None:
        """Write Lead, LeadHistory, Opportunity and Task."""
        rows = (self._lead(mql_at, lead) for mql_at, lead in self.handed)
        write_csv(folder / "Lead.csv.gz", LEAD_HEADER, rows, quote_all=True)
        write_csv(folder / "LeadHistory.csv.gz", HISTORY_HEADER, self._history(), quote_all=True)
        opportunities = (self._opportunity(deal, lead) for deal, lead in self.deals)
        write_csv(folder / "Opportunity.csv", OPPORTUNITY_HEADER, opportunities, quote_all=True)
        write_csv(folder / "Task.csv", TASK_HEADER, self._tasks(), quote_all=True)

    def _lead(self, mql_at: datetime, lead: Lead) -> list[object]:
        contact, journey = lead.contact, lead.journey
        last = max(journey.moves, key=lambda m: m.at, default=None)
        converted = next((m for m in journey.moves if m.status == "Converted"), None)
        deal = journey.joined or (journey.deals[0] if journey.deals else None)
        created = mql_at + timedelta(minutes=2)
        changed = max(last.at if last else created, created)
        owner = journey.assigned[-1][1] if journey.assigned else DESK[0]
        number = int(contact.record_id)
        return [
            self.ids[contact.record_id], "false", contact.last, contact.first, contact.title,
            contact.company.name if contact.company else "[not provided]", contact.country,
            contact.phone, contact.email, contact.source,
            last.status if last else _FIRST_STATUS, contact.employees, user_id(owner),
            "true" if converted else "false",
            f"{to_local(converted.at):%Y-%m-%d}" if converted else None,
            _account_id(deal, number) if converted else None,
            salesforce_id("003", number) if converted else None,
            self.deal_ids[id(deal)] if converted else None,
            _iso(created), user_id(ROBOT), _iso(changed), _iso(changed), contact.record_id,
            _BUYING_ROLE.get(contact.role, "User") if converted else None,
        ]  # fmt: skip

    def _history(self) -> list[list[object]]:
        rows: list[tuple[datetime, str, int, str, str | None, str, str | None]] = []
        for lead in self.leads:
            lead_id, journey = self.ids[lead.contact.record_id], lead.journey
            queue = user_id(DESK[0])
            for at, rep in journey.assigned:
                rows.append((at, lead_id, ROBOT, "Owner", queue, user_id(rep), None))
                queue = user_id(rep)
            status: str = _FIRST_STATUS
            for move in journey.moves:
                rows.append((move.at, lead_id, move.by, "Status", status, move.status, move.reason))
                status = move.status
        for lead, move in unknown_moves(self.leads):
            lead_id = self.ids[lead.contact.record_id]
            rows.append((move.at, lead_id, move.by, "Status", None, move.status, None))
        rows.sort(key=lambda row: (row[0], row[1], row[3], row[5]))
        return [
            [salesforce_id("017", number), "false", lead_id, user_id(by), _iso(at), field,
             "EntityId" if field == "Owner" else "DynamicEnum", old, new, reason]
            for number, (at, lead_id, by, field, old, new, reason) in enumerate(rows, start=90001)
        ]  # fmt: skip

    def _opportunity(self, deal: Deal, lead: Lead) -> list[object]:
        closed = deal.closed <= TRUTH.end
        age = (TRUTH.end - deal.opened).days
        stage = _OPEN_STAGES[min(age // 14, 2)]
        if closed:
            stage = "Closed Won" if deal.won else "Closed Lost"
        chance = {"Prospecting": 10, "Proposal/Price Quote": 50, "Negotiation/Review": 75,
                  "Closed Won": 100, "Closed Lost": 0}[stage]  # fmt: skip
        contact = lead.contact
        return [
            self.deal_ids[id(deal)], "false", _account_id(deal, int(contact.record_id)),
            f"{contact.company.name if contact.company else 'Private'} – Nordlys Flow", stage,
            f"{deal.amount:.1f}", "DKK", f"{chance:.1f}",
            f"{to_local(deal.closed if closed else deal.expected):%Y-%m-%d}", "New Business",
            contact.source, "true" if closed else "false",
            "true" if closed and deal.won else "false",
            "Closed" if closed and deal.won else "Omitted" if closed else "Pipeline",
            user_id(deal.rep), _iso(deal.opened), _iso(deal.closed) if closed else None,
            deal.loss_reason if closed else None, deal.company_id,
        ]  # fmt: skip

    def _tasks(self) -> list[list[object]]:
        rows = sorted(
            (task.at, self.ids[lead.contact.record_id], number, task)
            for lead in self.leads
            for number, task in enumerate(lead.journey.tasks)
        )
        return [
            [salesforce_id("00T", number), "false", who, user_id(task.rep), task.kind,
             task.kind if task.kind != "Meeting" else "Task", task.subject, "Completed", "true",
             "Outbound" if task.kind == "Call" else None, task.disposition,
             task.seconds or None, f"{to_local(task.at):%Y-%m-%d}", _iso(task.at), _iso(task.at)]
            for number, (_, who, _, task) in enumerate(rows, start=5001)
        ]  # fmt: skip


def _account_id(deal: Deal | None, number: int) -> str:
    company = deal.company_id if deal else None
    return salesforce_id("001", int(company) - 7_299_000_000 if company else number)
