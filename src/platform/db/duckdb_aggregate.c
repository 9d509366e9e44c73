/* Aggregates of ours: the engine's state of a group is one pointer. */
#include <stdio.h>

#include "platform/db/duckdb_column.h"
#include "platform/db/duckdb_function.h"

/* The state of a group in the engine's memory; its destructor is not told which aggregate it is for. */
struct held {
    const struct db_aggregate *aggregate;
    void *state;
};

/* The engine hands the bytes of a state over as a pointer of a type of its own. */
static struct held *held_of(duckdb_aggregate_state state)
{
    return (struct held *)(void *)state;
}

static const struct db_aggregate *aggregate_of(duckdb_function_info info)
{
    return duckdb_aggregate_function_get_extra_info(info);
}

static idx_t state_size(duckdb_function_info info)
{
    (void)info;
    return sizeof(struct held);
}

static void begin_state(duckdb_function_info info, duckdb_aggregate_state state)
{
    *held_of(state) = (struct held){.aggregate = aggregate_of(info)};
}

static void stop(duckdb_function_info info, const char *fault)
{
    struct db_result result = {.set_error = duckdb_aggregate_function_set_error, .info = info};
    char message[256];
    snprintf(message, sizeof(message), AGGREGATE_FAILURE_MARK "%s", fault);
    db_result_fail(&result, str_from(message));
}

static void add_rows(duckdb_function_info info, duckdb_data_chunk input, duckdb_aggregate_state *states)
{
    const struct db_aggregate *aggregate = aggregate_of(info);
    struct arena arena;
    arena_init(&arena, SIZE_MAX); /* views of what the engine holds already bound it */
    struct batch arguments = duckdb_view_chunk(&arena, input);
    const char *fault = NULL;
    for (size_t row = 0; row < arguments.rows && !fault; row++) {
        fault = aggregate->add(&held_of(states[row])->state, &arguments, row);
    }
    arena_done(&arena);
    if (fault) {
        stop(info, fault);
    }
}

static void join_states(duckdb_function_info info, duckdb_aggregate_state *sources,
                        duckdb_aggregate_state *targets, idx_t count)
{
    const struct db_aggregate *aggregate = aggregate_of(info);
    const char *fault = NULL;
    for (idx_t i = 0; i < count && !fault; i++) {
        const void *other = held_of(sources[i])->state;
        fault = other ? aggregate->join(&held_of(targets[i])->state, other) : NULL;
    }
    if (fault) {
        stop(info, fault);
    }
}

static void finish_states(duckdb_function_info info, duckdb_aggregate_state *states,
                          duckdb_vector vector, idx_t count, idx_t offset)
{
    const struct db_aggregate *aggregate = aggregate_of(info);
    duckdb_vector_ensure_validity_writable(vector);
    struct db_result result = {.set_error = duckdb_aggregate_function_set_error,
                               .info = info,
                               .vector = vector,
                               .bytes = duckdb_vector_get_data(vector),
                               .valid = duckdb_vector_get_validity(vector)};
    if (aggregate->returns == CELL_TEXT_LIST || aggregate->returns == CELL_INT_LIST) {
        result.list_items = duckdb_list_vector_get_size(vector);
    }
    for (idx_t i = 0; i < count; i++) {
        duckdb_validity_set_row_invalid(result.valid, offset + i);
        aggregate->finish(held_of(states[i])->state, &result, offset + i);
    }
}

static void free_states(duckdb_aggregate_state *states, idx_t count)
{
    for (idx_t i = 0; i < count; i++) {
        struct held *held = held_of(states[i]);
        if (held->state) {
            held->aggregate->free(held->state);
            held->state = NULL;
        }
    }
}

enum err aggregate_register(struct scope *scope, duckdb_connection connection,
                            const struct db_aggregate *row)
{
    duckdb_aggregate_function function = duckdb_create_aggregate_function();
    duckdb_aggregate_function_set_name(function, row->name);
    for (size_t i = 0; i < row->argument_count; i++) {
        duckdb_logical_type type = type_of_cell(row->arguments[i]);
        duckdb_aggregate_function_add_parameter(function, type);
        duckdb_destroy_logical_type(&type);
    }
    duckdb_logical_type returns = type_of_cell(row->returns);
    duckdb_aggregate_function_set_return_type(function, returns);
    duckdb_destroy_logical_type(&returns);
    duckdb_aggregate_function_set_special_handling(function);
    union {
        const struct db_aggregate *row;
        void *extra;
    } extra = {.row = row};
    duckdb_aggregate_function_set_extra_info(function, extra.extra, NULL);
    duckdb_aggregate_function_set_functions(function, state_size, begin_state, add_rows, join_states,
                                            finish_states);
    duckdb_aggregate_function_set_destructor(function, free_states);
    duckdb_state state = duckdb_register_aggregate_function(connection, function);
    duckdb_destroy_aggregate_function(&function);
    return state == DuckDBSuccess
               ? ERR_OK
               : fail(scope, ERR_DATABASE, "The engine refused the aggregate %s.", row->name);
}
