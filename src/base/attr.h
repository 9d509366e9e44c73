/* Compiler attributes under the names used in this project. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#define must_check __attribute__((warn_unused_result))
#define printf_like(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define cleanup_with(function) __attribute__((cleanup(function)))
#define unused_arg __attribute__((unused))

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
