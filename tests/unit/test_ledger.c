/* The ledger: one line for each process, found again by its identity. */
#include "report/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MANY 20000

static struct member member_of(int32_t pid, uint64_t start)
{
    return (struct member){.row = {.id = {.pid = pid, .start = start}}, .route = ROUTE_BRAND};
}

static void a_process_has_one_line_in_a_crowd(void **state)
{
    struct ledger ledger;
    (void)state;
    ledger_init(&ledger, true);
    for (int pass = 0; pass < 2; pass++)
        for (int32_t pid = 1; pid <= MANY; pid++) {
            struct member member = member_of(pid, (uint64_t)pid * 3);
            ledger_note(&ledger, &member, 9, OUTCOME_FELL, NULL);
        }
    assert_int_equal(ledger.count, MANY);
    assert_int_equal(ledger.dropped, 0);
    for (int32_t i = 0; i < MANY; i++)
        assert_int_equal(ledger.lines[i].row.id.pid, i + 1);
    ledger_done(&ledger);
}

static void a_number_s_next_owner_has_a_line_of_its_own(void **state)
{
    struct ledger ledger;
    struct member first = member_of(7, 100);
    struct member second = member_of(7, 200);
    (void)state;
    ledger_init(&ledger, true);
    ledger_note(&ledger, &first, 9, OUTCOME_FELL, NULL);
    ledger_note(&ledger, &second, 9, OUTCOME_SURVIVED, "why");
    ledger_note(&ledger, &first, 0, OUTCOME_GONE, NULL);
    assert_int_equal(ledger.count, 2);
    assert_int_equal(ledger.lines[0].outcome, OUTCOME_FELL);
    assert_int_equal(ledger.lines[1].outcome, OUTCOME_SURVIVED);
    ledger_done(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_has_one_line_in_a_crowd),
        cmocka_unit_test(a_number_s_next_owner_has_a_line_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
