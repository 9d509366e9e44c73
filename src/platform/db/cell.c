#include "platform/db/cell.h"

cell column_cell(const struct column *column, size_t row)
{
    if (column_is_null(column, row)) {
        return cell_null();
    }
    switch (column->type) {
    case CELL_BOOL:
        return cell_bool(column->truths[row]);
    case CELL_INT:
        return cell_int(column->numbers[row]);
    case CELL_DOUBLE:
        return cell_double(column->reals[row]);
    case CELL_DATE:
        return cell_date(column->days[row]);
    case CELL_INSTANT:
        return cell_instant(column->instants[row]);
    case CELL_TEXT:
    case CELL_BYTES:
        return (cell){.type = column->type, .text = column->texts[row]};
    case CELL_TEXT_LIST:
    case CELL_INT_LIST:
    case CELL_NULL:
        break;
    }
    return cell_null();
}
