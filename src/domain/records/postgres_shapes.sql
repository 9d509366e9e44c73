-- What ODSQL asks about areas and shapes on PostgreSQL with PostGIS; answers are those of
-- platform/geometry (relate.c, sphere.c). Literals come ready for questions (geometry_write_literal).

create or replace function point_within(longitude double precision, latitude double precision, literal bytea)
returns boolean immutable parallel safe
return st_intersects(st_geomfromwkb(literal), st_makepoint(longitude, latitude));

-- ---- what real files have and PostGIS refuses, as platform/geometry/pad.c mends it ----

create or replace function wkb_whole(wkb bytea, place integer) returns integer immutable parallel safe
return get_byte(wkb, place) | (get_byte(wkb, place + 1) << 8) | (get_byte(wkb, place + 2) << 16) |
       (get_byte(wkb, place + 3) << 24);

create or replace function wkb_written(number integer) returns bytea immutable parallel safe
return substr(int4send(number), 4, 1) || substr(int4send(number), 3, 1) || substr(int4send(number), 2, 1) ||
       substr(int4send(number), 1, 1);

-- Positions of a line or ring: too few get the last one repeated.
create or replace function wkb_padded_run(wkb bytea, place integer, stride integer, lowest integer)
returns bytea immutable parallel safe
return case when wkb_whole(wkb, place) between 1 and lowest - 1
            then wkb_written(lowest) || substr(wkb, place + 5, wkb_whole(wkb, place) * stride) ||
                 decode(repeat(encode(substr(wkb, place + 5 + (wkb_whole(wkb, place) - 1) * stride, stride), 'hex'),
                               lowest - wkb_whole(wkb, place)), 'hex')
            else substr(wkb, place + 1, 4 + wkb_whole(wkb, place) * stride) end;

-- The geometry that begins at a place of bytes: with enough positions and without empty parts.
create or replace function wkb_padded(wkb bytea, inout place integer, out padded bytea, out is_empty boolean)
language plpgsql immutable parallel safe set search_path from current as $$
declare
    code integer := parvis.wkb_whole(wkb, place + 1);
    stride integer := case when code > 1000 then 24 else 16 end;
    kind integer := code % 1000;
    parts bytea := ''::bytea;
    kept integer := 0;
    count integer;
    part record;
    first_is_empty boolean := false;
begin
    padded := substr(wkb, place + 1, 5);
    place := place + 5;
    if kind = 1 then
        padded := padded || substr(wkb, place + 1, stride);
        is_empty := substr(wkb, place + 7, 2) = '\xf87f'; -- not a number
        place := place + stride;
        return;
    end if;
    count := parvis.wkb_whole(wkb, place);
    if kind = 2 then
        padded := padded || parvis.wkb_padded_run(wkb, place, stride, 2);
        is_empty := count = 0;
        place := place + 4 + count * stride;
        return;
    end if;
    place := place + 4;
    for i in 1 .. count loop
        if kind = 3 then
            first_is_empty := first_is_empty or (i = 1 and parvis.wkb_whole(wkb, place) = 0);
            if parvis.wkb_whole(wkb, place) > 0 and not first_is_empty then
                parts := parts || parvis.wkb_padded_run(wkb, place, stride, 4);
                kept := kept + 1;
            end if;
            place := place + 4 + parvis.wkb_whole(wkb, place) * stride;
        else
            part := parvis.wkb_padded(wkb, place);
            place := part.place;
            if not part.is_empty then
                parts := parts || part.padded;
                kept := kept + 1;
            end if;
        end if;
    end loop;
    padded := padded || parvis.wkb_written(kept) || parts;
    is_empty := kept = 0;
end $$;

-- Null where the bytes are no geometry that GEOS takes.
create or replace function shape_geometry(shape bytea) returns geometry
language plpgsql immutable parallel unsafe set search_path from current as $$
begin
    return st_geomfromwkb(shape);
exception when others then
    begin
        return st_geomfromwkb((parvis.wkb_padded(shape, 0)).padded);
    exception when others then
        return null;
    end;
end $$;

-- Whether any part of a literal covers or meets a shape that is no collection.
create or replace function part_relates(literal geometry, shape geometry, covers boolean) returns boolean
language plpgsql immutable parallel unsafe set search_path from current as $$
begin
    if geometrytype(literal) <> 'GEOMETRYCOLLECTION' then
        return case when covers then st_covers(literal, shape) else st_intersects(literal, shape) end;
    end if;
    for i in 1 .. st_numgeometries(literal) loop
        if (case when covers then st_covers(st_geometryn(literal, i), shape)
                 else st_intersects(st_geometryn(literal, i), shape) end) then
            return true;
        end if;
    end loop;
    return false;
end $$;

-- A shape that GEOS cannot judge as it is, because it crosses itself, is judged repaired.
create or replace function shape_relates(literal geometry, shape geometry, covers boolean, may_repair boolean)
returns boolean language plpgsql immutable parallel unsafe set search_path from current as $$
declare
    part_answer boolean;
begin
    if geometrytype(shape) = 'GEOMETRYCOLLECTION' then
        for i in 1 .. st_numgeometries(shape) loop
            part_answer := parvis.shape_relates(literal, st_geometryn(shape, i), covers, may_repair);
            if part_answer <> covers then
                return part_answer;
            end if;
        end loop;
        return covers;
    elsif covers and st_isempty(shape) then
        return true; -- a part that adds nothing to its collection
    end if;
    begin
        return parvis.part_relates(literal, shape, covers);
    exception when internal_error or data_exception then
        return may_repair and parvis.shape_relates(literal, st_makevalid(shape), covers, false);
    end;
end $$;

create or replace function shape_asked(shape bytea, literal bytea, covers boolean) returns boolean
language plpgsql immutable parallel unsafe set search_path from current as $$
declare
    asked geometry := parvis.shape_geometry(shape);
begin
    return case when shape is null then null
                when asked is null or st_isempty(asked) then false
                else parvis.shape_relates(st_geomfromwkb(literal), asked, covers, true) end;
end $$;

create or replace function shape_intersects(shape bytea, literal bytea) returns boolean
immutable parallel unsafe
return shape_asked(shape, literal, false);

create or replace function shape_within(shape bytea, literal bytea) returns boolean
immutable parallel unsafe
return shape_asked(shape, literal, true);

-- ---- distances on the sphere: points as unit vectors, edges as short arcs (sphere.c) ----

create or replace function unit_vector(longitude double precision, latitude double precision)
returns double precision[] immutable parallel safe
return array[cos(latitude * '0.017453292519943295'::double precision) *
             cos(longitude * '0.017453292519943295'::double precision),
             cos(latitude * '0.017453292519943295'::double precision) *
             sin(longitude * '0.017453292519943295'::double precision),
             sin(latitude * '0.017453292519943295'::double precision)];

create or replace function vector_dot(a double precision[], b double precision[]) returns double precision
immutable parallel safe
return a[1] * b[1] + a[2] * b[2] + a[3] * b[3];

create or replace function vector_cross(a double precision[], b double precision[])
returns double precision[] immutable parallel safe
return array[a[2] * b[3] - a[3] * b[2], a[3] * b[1] - a[1] * b[3], a[1] * b[2] - a[2] * b[1]];

create or replace function vector_angle(a double precision[], b double precision[]) returns double precision
language plpgsql immutable parallel safe set search_path from current as $$
declare
    normal double precision[] := parvis.vector_cross(a, b);
begin
    return atan2(sqrt(parvis.vector_dot(normal, normal)), parvis.vector_dot(a, b));
end $$;

-- The angle to an arc where the foot of the perpendicular falls on it; else pi.
create or replace function arc_angle(origin double precision[], a double precision[], b double precision[])
returns double precision language plpgsql immutable parallel safe set search_path from current as $$
declare
    normal double precision[] := parvis.vector_cross(a, b);
    size double precision := sqrt(parvis.vector_dot(normal, normal));
begin
    if size > '1e-15'::double precision and parvis.vector_dot(parvis.vector_cross(normal, a), origin) > 0 and
       parvis.vector_dot(parvis.vector_cross(b, normal), origin) > 0 then
        return asin(least(1::double precision, abs(parvis.vector_dot(normal, origin)) / size));
    end if;
    return pi();
end $$;

create or replace function shape_distance(shape bytea, longitude double precision, latitude double precision)
returns double precision language plpgsql immutable parallel unsafe set search_path from current as $$
declare
    origin double precision[] := parvis.unit_vector(longitude, latitude);
    nearest double precision := pi();
    any_point boolean := false;
    is_inside boolean := false;
    crossings integer := 0;
    position record;
    run integer[];
    polygon integer[];
    is_polygon boolean;
    last_x double precision;
    last_y double precision;
    last_vector double precision[];
    here double precision[];
    next_vector double precision[];
    arcs integer;
    crossing double precision;
begin
    if shape is null or longitude is null or latitude is null then
        return null;
    end if;
    -- Runs of positions: a point, the points of a line, of a ring.
    for position in
        select (part).path as part_path, kind, (point).path as path, st_x((point).geom) as x, st_y((point).geom) as y
        from (select part, geometrytype((part).geom) as kind, st_dumppoints((part).geom) as point
              from st_dump(parvis.shape_geometry(shape)) as part) as points
    loop
        continue when position.x is null;
        any_point := true;
        is_polygon := position.kind = 'POLYGON';
        here := parvis.unit_vector(position.x, position.y);
        if polygon is distinct from position.part_path then
            is_inside := is_inside or crossings <> 0;
            crossings := 0;
            polygon := position.part_path;
            run := null;
        end if;
        nearest := least(nearest, parvis.vector_angle(origin, here));
        if is_polygon and run is distinct from position.path[1:1] then
            run := position.path[1:1];
            last_vector := null;
        elsif not is_polygon and run is null then
            run := array[0];
            last_vector := null;
        end if;
        if last_vector is not null and position.kind <> 'POINT' then
            arcs := least(1440, ceil(greatest(abs(position.x - last_x), abs(position.y - last_y)) / 0.25::double precision));
            for i in 1 .. arcs - 1 loop
                next_vector := parvis.unit_vector(last_x + (position.x - last_x) * (i::double precision / arcs::double precision),
                                           last_y + (position.y - last_y) * (i::double precision / arcs::double precision));
                nearest := least(nearest, parvis.vector_angle(origin, next_vector), parvis.arc_angle(origin, last_vector, next_vector));
                last_vector := next_vector;
            end loop;
            nearest := least(nearest, parvis.arc_angle(origin, last_vector, here));
            if is_polygon and (last_y > latitude) <> (position.y > latitude) then
                crossing := last_x + (latitude - last_y) / (position.y - last_y) * (position.x - last_x);
                for turn in -1 .. 1 loop
                    if longitude + turn * 360 < crossing then
                        crossings := crossings # (1 << (turn + 1));
                    end if;
                end loop;
            end if;
        end if;
        last_x := position.x;
        last_y := position.y;
        last_vector := here;
    end loop;
    is_inside := is_inside or crossings <> 0;
    return case when not any_point then null when is_inside then 0
                else nearest * '6371008.7714'::double precision end;
end $$;
