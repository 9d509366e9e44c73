/*
 * Conditions that people build from a field, an operator and values: as ODSQL, and back from ODSQL into words.
 * Only what condition_write makes is read back; everything else stays ODSQL.
 */
#ifndef WEB_FRONT_CONDITION_H
#define WEB_FRONT_CONDITION_H

#include "domain/catalog/field.h"
#include "web/shell/call.h"

#define CONDITION_VALUES_MOST 50
#define CONDITION_VALUE_BYTES 1000

/* Kinds of fields, as bits. Of places, shapes and JSON there are no conditions. */
enum condition_kind {
    CONDITION_NONE = 0,
    CONDITION_TEXT = 1,
    CONDITION_NUMBER = 2,
    CONDITION_DATE = 4,
    CONDITION_BOOLEAN = 8
};

enum condition_operator {
    OPERATOR_IS,
    OPERATOR_IS_NOT,
    OPERATOR_CONTAINS,
    OPERATOR_BEGINS,
    OPERATOR_ONE_OF,
    OPERATOR_EQUALS,
    OPERATOR_DIFFERS,
    OPERATOR_LESS,
    OPERATOR_AT_MOST,
    OPERATOR_MORE,
    OPERATOR_AT_LEAST,
    OPERATOR_ON,
    OPERATOR_BEFORE,
    OPERATOR_AFTER,
    OPERATOR_FROM,  /* what between is with its first value only */
    OPERATOR_UNTIL, /* with its second one only */
    OPERATOR_BETWEEN,
    OPERATOR_TRUE,
    OPERATOR_FALSE,
    OPERATOR_EMPTY,
    OPERATOR_FILLED,
    OPERATOR__COUNT
};

struct condition {
    const struct field *field;
    enum condition_operator operator_;
    const str *values; /* numbers and dates as ODSQL takes them */
    size_t count;
};

struct operator_row {
    const char *name; /* in forms */
    enum message label;
    unsigned kinds;   /* of enum condition_kind */
    int values;       /* 0, 1, 2; 3: any number */
    bool is_offered;  /* in the form */
};
extern const struct operator_row condition_operators[OPERATOR__COUNT];

enum condition_kind condition_kind_of(const struct field *field);

/** "text", "number", "date", "boolean", "". */
str condition_kind_text(enum condition_kind kind);

/** The condition as ODSQL, in the arena. */
str condition_write(struct arena *arena, const struct condition *condition);

/** Reads what condition_write makes of a field of the schema. In the arena. */
bool condition_read(struct arena *arena, const struct schema *schema, str text,
                    struct condition *ret_condition);

/** "Population > 20,000": the condition as people speak. In the call's arena. */
str condition_words(struct call *call, const struct condition *condition);

/**
 * A value as somebody typed it, made into one of the kind: "20 000", "1,5" and "2026-01-31" are understood.
 * MESSAGE_NONE, or what is wrong with it.
 */
enum message condition_value(struct call *call, enum condition_kind kind, str typed, str *ret_value);

#endif
