import MotetData

extension BadInput {
    /// Files that cannot be trained on.
    static let data: [BadInput] = [
        BadInput(
            "missing file",
            says: "FOLDER/train.csv: no such file; expected a table to read. Check the path."
        ) { try $0.remove("train.csv") },
        BadInput(
            "empty file",
            says: "FOLDER/train.csv: file is empty; expected a table; received 0 bytes."
        ) { try $0.write("train.csv", "") },
        BadInput(
            "file of a header only",
            says: "FOLDER/train.csv: no row for training; expected at least one; received a "
                + "header only."
        ) { try $0.write("train.csv", "place,user,price,clicked,bought\n") },
        BadInput(
            "ragged row, too long",
            says: "FOLDER/train.csv:57: row has 6 fields; expected 5, as in the header. Put values "
                + "that hold the separator in quotes."
        ) { try $0.line(57, "home,u3,4.5,1,0,9") },
        BadInput(
            "ragged row, too short",
            says: "FOLDER/train.csv:57: row has 4 fields; expected 5, as in the header."
        ) { try $0.line(57, "home,u3,4.5,1") },
        BadInput(
            "text in a numeric column",
            says: "FOLDER/train.csv:57, column \"price\": not a number; expected a finite number; "
                + "received \"cheap\"."
        ) { try $0.line(57, "home,u3,cheap,1,0") },
        BadInput(
            "decimal comma",
            says: "FOLDER/train.csv:57, column \"price\": not a number; expected a finite number; "
                + "received \"12,50\". Set `decimal: comma` if that is the separator."
        ) { try $0.line(57, "home,u3,\"12,50\",1,0") },
        BadInput(
            "unknown column in the schema",
            says: "feature \"prise\": there is no column `prise`; expected one of the files' 5 "
                + "columns; received `prise`. Did you mean `price`?"
        ) { try $0.replace("name: price", "name: prise") },
        BadInput(
            "column missing in the validation files only",
            says: "validation files: feature \"price\": there is no column `price`; expected one "
                + "of the files' 4 columns; received `price`."
        ) { try $0.write("valid.csv", "place,user,clicked,bought\nhome,u1,1,0\n") },
        BadInput(
            "label outside {0, 1}",
            says: "FOLDER/train.csv:57, column \"clicked\": not a binary label; expected 0 or 1; "
                + "received 2. Give label \"click\" a rule such as `>= 1`, or make it numeric."
        ) { try $0.line(57, "home,u3,4.5,2,0") },
        BadInput(
            "infinite label",
            says: "FOLDER/train.csv:57, column \"clicked\": not finite; expected a finite label; "
                + "received inf."
        ) { try $0.line(57, "home,u3,4.5,inf,0") },
        BadInput(
            "task without a positive row",
            says: "label \"purchase\": no positive row in the training part; expected at least "
                + "one; received 0 of 120 labelled rows. Check the label's rule, the cleaning rules "
                + "and the split."
        ) { try $0.replace(",1,1\n", ",1,0\n", in: "train.csv") },
        BadInput(
            "scenario that is not declared",
            says: "FOLDER/train.csv:57, column \"place\": not a declared scenario; expected one of "
                + "home, search, mail; received \"billboard\". Add it to `values`, or set "
                + "`unknown: other`."
        ) { try $0.line(57, "billboard,u3,4.5,1,0") },
        BadInput(
            "row without a scenario",
            says: "FOLDER/train.csv:57, column \"place\": no scenario; expected one of home, "
                + "search, mail; received nothing. Fill it in, or set `unknown: other`."
        ) { try $0.line(57, ",u3,4.5,1,0") },
        BadInput(
            "NaN in a feature",
            says: "FOLDER/train.csv:57, column \"price\": the value is missing or NaN; expected a "
                + "value in every row; received none. Give feature \"price\" a `missing` policy: a "
                + "fill, mean, median, most_frequent, own_bucket or drop."
        ) { try $0.line(57, "home,u3,nan,1,0") },
        BadInput(
            "infinity in a feature",
            says: "FOLDER/train.csv:57, column \"price\": not finite; expected a finite number; "
                + "received infinity. Set `infinity: missing` to treat it as missing."
        ) { try $0.line(57, "home,u3,inf,1,0") },
        BadInput(
            "NaN in a feature of a Parquet file",
            says: "FOLDER/train.parquet, row 3, column \"price\": the value is missing or NaN; "
                + "expected a value in every row; received none. Give feature \"price\" a `missing` "
                + "policy: a fill, mean, median, most_frequent, own_bucket or drop."
        ) { try $0.writeParquet(price: [1, 2, .nan, 4]) },
        BadInput(
            "infinity in a feature of a Parquet file",
            says: "FOLDER/train.parquet, row 2, column \"price\": not finite; expected a finite "
                + "number; received -infinity. Set `infinity: missing` to treat it as missing."
        ) { try $0.writeParquet(price: [1, -.infinity, 3, 4]) },
        BadInput(
            "negative sample weight",
            says:
                "FOLDER/train.csv:57, column \"price\": not a weight; expected a finite number of "
                + "at least 0; received -4.5."
        ) { shop in
            try shop.replace("  scenario:", "  sample_weight: price\n  scenario:")
            try shop.line(57, "home,u3,-4.5,1,0")
        },
        BadInput(
            "cache that cannot be a folder",
            status: 5,
            says: "cache folder \"FOLDER/.motet-cache\": it cannot be made; expected a place to "
                + "write to; received \"...\". Choose another cache folder."
        ) { try $0.write(".motet-cache", "in the way") },
    ]
}

extension Shop {
    /// Replaces the training file by a Parquet file of four rows.
    fileprivate func writeParquet(price: [Float]) throws {
        let columns: [(name: String, values: TableValues)] = [
            ("place", .string(["home", "search", "mail", "home"])),
            ("user", .string(["u1", "u2", "u1", "u2"])), ("price", .float32(price)),
            ("clicked", .int32([1, 0, 1, 1])), ("bought", .int32([1, 0, 0, 1])),
        ]
        let writer = try TableWriter(
            path: file("train.parquet"),
            columns: columns.map { ColumnDescription(name: $0.name, type: $0.values.type) }
        )
        try writer.append(columns.map(\.values))
        try writer.finish()
        try replace("train: train.csv", "train: train.parquet")
    }
}
