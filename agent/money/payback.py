"""When training has paid itself back: the account over the months, the accuracy at which it would, and what turns it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final, Literal

from agent.money.sheet import Plan, Variant, month, retraining, total, training

#: Longer than any tuned model is known to have been served; what is not back by then counts as never.
LAST_MONTH: Final = 120
#: The span that "within a year" means, in months.
YEAR: Final = Decimal(12)

Outcome = Literal["pays_back", "never", "retired_before", "ended", "closed"]


@dataclass(frozen=True)
class Account:
    """What goes in and out on the tuned side, in US dollars. `left` is how many months the model still answers;
    None: no end is known."""

    saving: Decimal
    """A month's saving once the tuned model serves; negative when it costs more."""
    start: Decimal
    again: Decimal
    """Each training after the first."""
    every: Decimal | None
    build: Decimal
    left: Decimal | None = None

    def served(self, months: Decimal) -> Decimal:
        """Months of service within so many months from today."""
        end = months if self.left is None else min(months, self.left)
        return max(end - self.build, Decimal(0))

    def trainings(self, months: Decimal) -> int:
        """Trainings after the first: one is due only when service goes on past `every` months."""
        served = self.served(months)
        if self.every is None or served == 0:
            return 0
        return int((served / self.every).to_integral_value(ROUND_CEILING)) - 1

    def after(self, months: Decimal) -> Decimal:
        """Saved less spent, so many months from today."""
        return self.saving * self.served(months) - self.start - self.again * self.trainings(months)


@dataclass(frozen=True)
class PayBack:
    """The answer. `month` is the first from which on the account stays at or above zero; with `retired_before` it is
    the month in which it would have, had the model gone on."""

    outcome: Outcome
    month: int | None = None


def account(plan: Plan, today: date, against: Variant | None = None) -> Account:
    """The account of tuning, held against one variant; against retrieval the tuned model still looks things up."""
    other = against or plan.case.against
    tuned: Variant = "tuned_retrieval" if other == "retrieval" else "tuned"
    case = plan.case
    return Account(
        saving=total(month(plan, other)) - total(month(plan, tuned)),
        start=total(training(plan)),
        again=total(retraining(plan)),
        every=case.retrain_every,
        build=case.build_months,
        left=months_left(plan, today),
    )


def months_left(plan: Plan, today: date) -> Decimal | None:
    """Months until the tuned model stops answering; None when no end is known."""
    if plan.tuned.ends is None:
        return None
    return max(Decimal((plan.tuned.ends - today).days), Decimal(0)) / plan.case.days_a_month


def pay_back(plan: Plan, today: date, against: Variant | None = None) -> PayBack:
    """The month in which tuning pays back, or why it does not."""
    if plan.tuned.ends is not None and plan.tuned.ends <= today:
        return PayBack("ended")
    if plan.tuned.trains_until is not None and plan.tuned.trains_until < today:
        return PayBack("closed")
    return pay_back_of(account(plan, today, against))


def pay_back_of(a: Account) -> PayBack:
    """The same for an account as such."""
    if a.saving <= 0:
        return PayBack("never")
    found = _first_month(a)
    if found is not None:
        return PayBack("pays_back", found)
    if a.left is None:
        return PayBack("never")
    without_end = Account(a.saving, a.start, a.again, a.every, a.build)
    would = _first_month(without_end)
    return PayBack("retired_before", would) if would is not None else PayBack("never")


def _first_month(a: Account) -> int | None:
    """The first month from which on the account stays at or above zero, to the end of service or ten years."""
    first = int(a.build.to_integral_value(ROUND_FLOOR)) + 1
    last = LAST_MONTH if a.left is None else min(LAST_MONTH, int(a.left.to_integral_value(ROUND_CEILING)))
    found: int | None = None
    for t in range(first, last + 1):
        if a.after(Decimal(t)) < 0:
            found = None
        elif found is None and a.served(Decimal(t)) > 0:
            found = t
    return found


@dataclass(frozen=True)
class Accuracy:
    """Shares of right answers at which the money comes out even; None where it cannot be told or no share would do."""

    worth_doing: Decimal | None = None
    """Where right answers earn what wrong ones cost (openai-model-optimization#good-enough)."""
    same_month: Decimal | None = None
    """The tuned model's, at which its month costs as much as the other's, errors counted."""
    back_in_a_year: Decimal | None = None
    """The tuned model's, at which tuning is paid back in twelve months, errors counted."""


def break_even_accuracy(plan: Plan, today: date) -> Accuracy:
    """Quality as money.

    worth doing:     cost of an error / (worth of a success + cost of an error)
    same month:      1 − (other's error rate + saving without errors / (calls × cost of an error))
    back in a year:  the same, with the saving less one twelfth of what training costs, over the months it serves
    """
    case, v = plan.case, plan.values
    cost = case.error_cost
    if not cost:
        return Accuracy()
    worth = None if case.success_value is None else cost / (case.success_value + cost)
    rate = v.get("error_rate" if case.against == "prompt" else f"{case.against}_error_rate")
    at_stake = case.calls_a_day * case.days_a_month * cost
    if rate is None or at_stake == 0:
        return Accuracy(worth_doing=worth)
    without = plan.with_value("error_cost", Decimal(0))
    a = account(without, today)
    served = a.served(YEAR)
    return Accuracy(
        worth_doing=worth,
        same_month=_share(1 - rate - a.saving / at_stake),
        back_in_a_year=None if served == 0 else _share(1 - rate - a.after(YEAR) / served / at_stake),
    )


def _share(accuracy: Decimal) -> Decimal | None:
    """An accuracy that can be had: at least 0; None above 1, which no model reaches."""
    return None if accuracy > 1 else max(accuracy, Decimal(0))
