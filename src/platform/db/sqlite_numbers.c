#include "platform/db/sqlite_numbers.h"

#include <stddef.h>

#define FIRST_ROOM 1024

struct numbers {
    sqlite3_int64 *items; /* NULL before the first, zeroed by SQLite */
    size_t count, room;
};

static void add_number(sqlite3_context *context, int argument_count, sqlite3_value **arguments)
{
    (void)argument_count;
    struct numbers *numbers = sqlite3_aggregate_context(context, sizeof(*numbers));
    if (!numbers) {
        sqlite3_result_error_nomem(context);
        return;
    }
    if (numbers->count == numbers->room) {
        size_t room = numbers->room ? numbers->room * 2 : FIRST_ROOM;
        sqlite3_int64 *items = sqlite3_realloc64(numbers->items, room * sizeof(*items));
        if (!items) {
            sqlite3_result_error_nomem(context);
            return;
        }
        numbers->items = items;
        numbers->room = room;
    }
    numbers->items[numbers->count++] = sqlite3_value_int64(arguments[0]);
}

/* Called after an error, too, so that nothing is lost. */
static void finish_numbers(sqlite3_context *context)
{
    struct numbers *numbers = sqlite3_aggregate_context(context, 0);
    if (numbers && numbers->items) {
        sqlite3_result_blob64(context, numbers->items, numbers->count * sizeof(*numbers->items),
                              sqlite3_free);
    }
}

int sqlite_numbers_register(sqlite3 *handle)
{
    return sqlite3_create_function_v2(handle, "number_list", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                      NULL, NULL, add_number, finish_numbers, NULL);
}
