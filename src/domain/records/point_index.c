#include "domain/records/point_index.h"

#include <math.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/limits.h"
#include "domain/records/point_texts.h"
#include "platform/geometry/mercator.h"
#include "platform/geometry/morton.h"

#define ALL_COLUMN_X 0
#define ALL_COLUMN_Y 1
#define ALL_COLUMN_PROPERTY 2
#define DIGIT_BITS 11 /* of a pass of the sort */
#define DIGITS (1u << DIGIT_BITS)

struct point {
    uint64_t place;
    uint32_t row; /* where it came */
};

/* One of the two: numbers have means, others a value in common. */
struct values {
    bool are_truths;
    double *numbers; /* NAN: null */
    uint32_t *codes; /* 0: null; of truths 1 and 2, of texts their number */
};

struct point_index {
    size_t count;
    int map_bits; /* of a coordinate */
    uint64_t *places;
    size_t property_count;
    struct values *values;
    struct point_texts texts;
};

static void *resize(void *items, size_t count, size_t size)
{
    void *grown = reallocarray(items, count ? count : 1, size);
    if (!grown) {
        bug_out_of_memory(count * size);
    }
    return grown;
}

void point_index_free(struct point_index *index)
{
    if (index) {
        for (size_t i = 0; i < index->property_count; i++) {
            free(index->values[i].numbers);
            free(index->values[i].codes);
        }
        free(index->values);
        free(index->places);
        point_texts_done(&index->texts);
        free(index);
    }
}

size_t point_index_bytes(const struct point_index *index)
{
    size_t bytes = sizeof(*index) + index->texts.arena.used_bytes;
    size_t each = sizeof(*index->places);
    for (size_t i = 0; i < index->property_count; i++) {
        each += index->values[i].numbers ? sizeof(double) : sizeof(uint32_t);
    }
    return bytes + index->count * each;
}

/* ---- reading ---- */

struct building {
    struct point_index *index;
    struct point *points;
    size_t count, capacity;
    bool is_too_large;
};

static bool is_mean(const struct field *field)
{
    return field->type == FIELD_INT || field->type == FIELD_DOUBLE;
}

static void begin(struct building *building, const struct tile_request *request)
{
    struct point_index *index = resize(NULL, 1, sizeof(*index));
    *index = (struct point_index){.map_bits = mercator_bits(request->units) + TILE_FINEST_ZOOM,
                                  .property_count = request->property_count,
                                  .values = calloc(request->property_count + 1, sizeof(*index->values))};
    if (!index->values) {
        bug_out_of_memory(sizeof(*index->values));
    }
    point_texts_init(&index->texts);
    *building = (struct building){.index = index};
    for (size_t i = 0; i < request->property_count; i++) {
        index->values[i].are_truths = request->properties[i]->type == FIELD_BOOLEAN;
    }
}

static void make_room(struct building *building, size_t more, const struct tile_request *request)
{
    if (building->count + more <= building->capacity) {
        return;
    }
    struct point_index *index = building->index;
    size_t capacity = building->capacity * 2 > building->count + more ? building->capacity * 2 : building->count + more;
    building->points = resize(building->points, capacity, sizeof(*building->points));
    for (size_t i = 0; i < index->property_count; i++) {
        struct values *values = &index->values[i];
        if (is_mean(request->properties[i])) {
            values->numbers = resize(values->numbers, capacity, sizeof(*values->numbers));
        } else {
            values->codes = resize(values->codes, capacity, sizeof(*values->codes));
        }
    }
    building->capacity = capacity;
}

static double number_in(const struct column *column, size_t row)
{
    return column->type == CELL_DOUBLE ? column->reals[row] : (double)column->numbers[row];
}

static void add_values(struct building *building, struct values *values, const struct column *column, size_t rows)
{
    double *numbers = values->numbers ? values->numbers + building->count : NULL;
    uint32_t *codes = values->codes ? values->codes + building->count : NULL;
    if (codes && !values->are_truths && column->type == CELL_TEXT) {
        point_texts_number(&building->index->texts, column, rows, codes);
        return;
    }
    for (size_t row = 0; row < rows; row++) {
        bool is_null = column_is_null(column, row);
        if (numbers) {
            numbers[row] = is_null ? (double)NAN : number_in(column, row);
        } else {
            codes[row] = is_null ? 0 : column->numbers[row] ? 2 : 1;
        }
    }
}

static void add_batch(struct building *building, const struct batch *batch, const struct tile_request *request)
{
    struct point_index *index = building->index;
    uint32_t mask = (UINT32_C(1) << index->map_bits) - 1;
    make_room(building, batch->rows, request);
    for (size_t row = 0; row < batch->rows; row++) {
        uint32_t x = (uint32_t)batch->columns[ALL_COLUMN_X].numbers[row] & mask; /* 180 degrees east are 180 west */
        uint32_t y = (uint32_t)batch->columns[ALL_COLUMN_Y].numbers[row] & mask;
        size_t at = building->count + row;
        building->points[at] = (struct point){morton_of(x, y), (uint32_t)at};
    }
    for (size_t i = 0; i < index->property_count; i++) {
        add_values(building, &index->values[i], &batch->columns[ALL_COLUMN_PROPERTY + i], batch->rows);
    }
    building->count += batch->rows;
    building->is_too_large = building->count > LIMIT_TILE_INDEX_POINTS ||
                             index->texts.bytes > LIMIT_TILE_INDEX_TEXTS;
}

static enum err read_all(struct scope *scope, struct db_lease *lease, const struct sql *statement,
                         const struct tile_request *request, struct building *building)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(scope, lease, statement, &cursor));
    EACH_BATCH(scope, cursor, batch) {
        TRY(scope_check(scope));
        add_batch(building, batch, request);
        if (building->is_too_large) {
            return ERR_OK;
        }
    }
    return ERR_OK;
}

/* ---- sorting ---- */

/* A pass by one digit, from points to sorted; equal ones keep their order. */
static void sort_by(const struct point *points, size_t count, int shift, struct point *sorted)
{
    size_t starts[DIGITS] = {0};
    size_t start = 0;
    for (size_t i = 0; i < count; i++) {
        starts[points[i].place >> shift & (DIGITS - 1)]++;
    }
    for (size_t digit = 0; digit < DIGITS; digit++) {
        size_t found = starts[digit];
        starts[digit] = start;
        start += found;
    }
    for (size_t i = 0; i < count; i++) {
        sorted[starts[points[i].place >> shift & (DIGITS - 1)]++] = points[i];
    }
}

/* Within the smallest cells, those of the closest zoom, no order is needed. */
static void sort(struct building *building, const struct tile_request *request)
{
    struct point *other = resize(NULL, building->count, sizeof(*other));
    int shift = 2 * mercator_bits(request->cell);
    for (; shift < 2 * building->index->map_bits; shift += DIGIT_BITS) {
        sort_by(building->points, building->count, shift, other);
        struct point *sorted = other;
        other = building->points;
        building->points = sorted;
    }
    free(other);
}

static void arrange(struct building *building)
{
    struct point_index *index = building->index;
    index->count = building->count;
    index->places = resize(NULL, index->count, sizeof(*index->places));
    for (size_t at = 0; at < index->count; at++) {
        index->places[at] = building->points[at].place;
    }
    for (size_t i = 0; i < index->property_count; i++) {
        struct values *values = &index->values[i];
        struct values sorted = *values;
        if (values->numbers) {
            sorted.numbers = resize(NULL, index->count, sizeof(*sorted.numbers));
        } else {
            sorted.codes = resize(NULL, index->count, sizeof(*sorted.codes));
        }
        for (size_t at = 0; at < index->count; at++) {
            uint32_t row = building->points[at].row;
            if (values->numbers) {
                sorted.numbers[at] = values->numbers[row];
            } else {
                sorted.codes[at] = values->codes ? values->codes[row] : 0;
            }
        }
        free(values->numbers);
        free(values->codes);
        *values = sorted;
    }
    point_texts_close(&index->texts);
}

enum err point_index_read(struct scope *scope, struct db_lease *lease, const struct sql *statement,
                          const struct tile_request *request, struct point_index **ret_index)
{
    struct building building;
    begin(&building, request);
    enum err result = read_all(scope, lease, statement, request, &building);
    if (result == ERR_OK && !building.is_too_large) {
        sort(&building, request);
        arrange(&building);
        *ret_index = building.index;
    } else {
        point_index_free(building.index);
        *ret_index = NULL;
    }
    free(building.points);
    return result;
}

/* ---- counting ---- */

/* A walk over cells of a tile. */
struct walk {
    const struct point_index *index;
    int unit_bits; /* of a unit of the tile, in those of the index */
    int cell_bits; /* of a cell, in units of the tile */
    double left, top;
    struct point_value *values;
    void (*visit)(void *user, const struct point_cell *points);
    void *user;
};

/* The first point at this place or behind it. */
static size_t find(const struct point_index *index, uint64_t place)
{
    size_t low = 0;
    size_t high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->places[middle] < place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The points of a square of 2^bits units of the index, whose number among those squares is given. */
static void find_square(const struct point_index *index, uint64_t square, int bits, size_t *ret_from, size_t *ret_to)
{
    *ret_from = find(index, square << 2 * bits);
    *ret_to = find(index, (square + 1) << 2 * bits);
}

static struct point_value value_of(const struct point_index *index, const struct values *values, size_t from, size_t to)
{
    if (values->numbers) {
        double sum = 0;
        size_t count = 0;
        for (size_t at = from; at < to; at++) {
            if (!isnan(values->numbers[at])) {
                sum += values->numbers[at];
                count++;
            }
        }
        return count ? (struct point_value){.kind = POINT_MEAN, .mean = sum / (double)count}
                     : (struct point_value){.kind = POINT_NOTHING};
    }
    uint32_t code = values->codes[from];
    for (size_t at = from + 1; at < to; at++) {
        code = values->codes[at] == code ? code : 0;
    }
    return code == 0            ? (struct point_value){.kind = POINT_NOTHING}
           : values->are_truths ? (struct point_value){.kind = POINT_TRUTH, .truth = code == 2}
                                : (struct point_value){.kind = POINT_TEXT, .text = index->texts.texts.items[code - 1]};
}

/* Tells of the points of one cell, which is shown so many units of the tile farther to the right than it lies. */
static void tell(const struct walk *walk, size_t from, size_t to, double farther)
{
    const struct point_index *index = walk->index;
    uint64_t x = 0;
    uint64_t y = 0;
    for (size_t at = from; at < to; at++) {
        x += morton_gather(index->places[at]) >> walk->unit_bits;
        y += morton_gather(index->places[at] >> 1) >> walk->unit_bits;
    }
    for (size_t i = 0; i < index->property_count; i++) {
        walk->values[i] = value_of(index, &index->values[i], from, to);
    }
    double count = (double)(to - from);
    struct point_cell told = {.count = (int64_t)(to - from),
                              .x = (double)x / count + farther - walk->left,
                              .y = (double)y / count - walk->top,
                              .values = walk->values};
    walk->visit(walk->user, &told);
}

/* The cells of the tile itself follow each other. */
static void walk_tile(const struct walk *walk, const struct tile_request *request)
{
    const struct point_index *index = walk->index;
    int bits = walk->unit_bits + walk->cell_bits;
    size_t from;
    size_t to;
    find_square(index, morton_of((uint32_t)request->x, (uint32_t)request->y), index->map_bits - request->zoom, &from, &to);
    while (from < to) {
        uint64_t square = index->places[from] >> 2 * bits;
        size_t end = from + 1;
        while (end < to && index->places[end] >> 2 * bits == square) {
            end++;
        }
        tell(walk, from, end, 0);
        from = end;
    }
}

/* Calls tell, or counts, for one cell of the margin; column and row are counted over the whole map. */
static int64_t walk_cell(const struct walk *walk, int64_t column, int64_t row, int64_t across, bool is_counting)
{
    if (row < 0 || row >= across) {
        return 0;
    }
    int64_t wrapped = (column % across + across) % across;
    size_t from;
    size_t to;
    find_square(walk->index, morton_of((uint32_t)wrapped, (uint32_t)row), walk->unit_bits + walk->cell_bits, &from, &to);
    if (from < to && !is_counting) {
        tell(walk, from, to, ldexp((double)(column - wrapped), walk->cell_bits));
    }
    return (int64_t)(to - from);
}

/* The cells around the tile lie here and there. */
static int64_t walk_margin(const struct walk *walk, const struct tile_request *request, bool is_counting)
{
    int64_t cells = request->units / request->cell;
    int64_t margin = request->margin / request->cell;
    int64_t across = cells << request->zoom;
    int64_t count = 0;
    for (int64_t row = -margin; row < cells + margin; row++) {
        bool is_beside = row < 0 || row >= cells;
        for (int64_t column = -margin; column < cells + margin; column++) {
            if (!is_beside && column == 0) {
                column = cells; /* over the tile */
            }
            count += walk_cell(walk, request->x * cells + column, request->y * cells + row, across, is_counting);
        }
    }
    return count;
}

static struct walk walk_of(const struct point_index *index, const struct tile_request *request)
{
    return (struct walk){.index = index,
                         .unit_bits = TILE_FINEST_ZOOM - request->zoom,
                         .cell_bits = mercator_bits(request->cell),
                         .left = (double)(request->x * request->units),
                         .top = (double)(request->y * request->units)};
}

int64_t point_index_count(const struct point_index *index, const struct tile_request *request)
{
    struct walk walk = walk_of(index, request);
    size_t from;
    size_t to;
    find_square(index, morton_of((uint32_t)request->x, (uint32_t)request->y), index->map_bits - request->zoom, &from, &to);
    return (int64_t)(to - from) + walk_margin(&walk, request, true);
}

void point_index_cells(struct arena *arena, const struct point_index *index, const struct tile_request *request,
                       void (*visit)(void *user, const struct point_cell *points), void *user)
{
    struct walk walk = walk_of(index, request);
    walk.values = arena_array(arena, struct point_value, index->property_count + 1);
    walk.visit = visit;
    walk.user = user;
    walk_tile(&walk, request);
    (void)walk_margin(&walk, request, false);
}
