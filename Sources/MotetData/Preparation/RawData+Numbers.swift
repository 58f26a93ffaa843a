import CKernels

extension RawData {
    /// Numbers gathered from the rows of a part.
    struct Gathered {
        /// The numbers that are there, then, where asked for, room for the missing ones.
        let array: ScratchArray<Double>
        /// How many are there.
        let present: Int
        /// How many rows have none.
        let missing: Int
    }

    /// Gathers a column's numbers over the selected rows of a table.
    ///
    /// - Parameters:
    ///   - column: the column.
    ///   - part: the rows and their table.
    ///   - spare: whether to leave room for a fill of the missing values behind the others.
    /// - Returns: the numbers.
    /// - Throws: ``PreparationError`` where the disk is full.
    func gatherNumbers(
        _ column: String,
        _ part: (table: RawTable, rows: RowSelection),
        spare: Bool
    ) throws -> Gathered {
        let array = ScratchArray<Double>(directory: directory)
        guard let numbers = part.table.doubles(.number(column: column)) else {
            return Gathered(array: array, present: 0, missing: 0)
        }
        let rows = part.rows
        let block = 65_536
        for start in stride(from: 0, to: rows.count, by: block) {
            let size = min(block, rows.count - start)
            try array.append(size) { out in
                let base = numbers.baseAddress.map { rows.rows == nil ? $0 + start : $0 }
                return Int(motet_gather_present(base, rows.pointer(from: start), Int64(size), out))
            }
        }
        let present = array.count
        var left = spare ? rows.count - present : 0
        while left > 0 {
            let size = min(block, left)
            try array.append(size) { out in
                out.update(repeating: 0, count: size)
                return size
            }
            left -= size
        }
        try array.finish()
        return Gathered(array: array, present: present, missing: rows.count - present)
    }

    /// Infinite numbers of features become missing ones, or an error naming the row.
    func settleInfinities() throws {
        for feature in schema.features where feature.kind == .numeric {
            for source in sources {
                guard let numbers = source.table.doubles(.number(column: feature.column)) else {
                    continue
                }
                var changed = 0
                var row = Int(motet_find_infinite(numbers.baseAddress, Int64(numbers.count), 0))
                while row >= 0 {
                    if source.marks[row] != .droppedRow {
                        guard feature.infinity == .missing else {
                            throw PreparationError(
                                "infinite_value",
                                "\(source.table.place(row)), column \"\(feature.column)\": not "
                                    + "finite; expected a finite number; received "
                                    + "\(numbers[row] > 0 ? "infinity" : "-infinity"). Set "
                                    + "`infinity: missing` to treat it as missing.",
                                row: row,
                                column: feature.column
                            )
                        }
                        numbers[row] = .nan
                        changed += 1
                    }
                    row = Int(
                        motet_find_infinite(
                            numbers.baseAddress,
                            Int64(numbers.count),
                            Int64(row + 1)
                        )
                    )
                }
                if feature.infinity == .missing {
                    record(
                        "\(feature.name) infinite (missing)",
                        source.part.rawValue,
                        changed: changed
                    )
                }
            }
        }
    }

    /// Drops rows, or stops, where a feature is missing and its policy says so.
    func settleMissing() throws {
        for feature in schema.features {
            switch feature.missing {
            case .drop where dropsRows, .error: break
            case .drop, .fill, .ownBucket: continue
            }
            let role = plan.role(of: feature, in: schema)
            for source in sources {
                guard mayBeMissing(role, source.table) else {
                    if feature.missing == .drop {
                        record("\(feature.name) missing (drop)", source.part.rawValue)
                    }
                    continue
                }
                let isMissing = missingTest(role, source.table)
                if feature.missing == .drop {
                    drop("\(feature.name) missing (drop)", in: source, isMissing)
                } else if let row = source.marks.indices.first(where: {
                    source.marks[$0] != .droppedRow && isMissing($0)
                }) {
                    throw PreparationError(
                        "missing_value",
                        "\(source.table.place(row)), column \"\(feature.column)\": the value is "
                            + (feature.kind == .numeric ? "missing or NaN" : "missing")
                            + "; expected a value in every row; received none. Give "
                            + "feature \"\(feature.name)\" a `missing` policy: a fill, mean, median, "
                            + "most_frequent, own_bucket or drop.",
                        row: row,
                        column: feature.column
                    )
                }
            }
        }
    }

    /// Whether any row of a table has no value; one pass over the column.
    private func mayBeMissing(_ role: ColumnPlan.Role, _ table: RawTable) -> Bool {
        if let numbers = table.doubles(role) {
            return motet_count_missing(numbers.baseAddress, nil, Int64(numbers.count)) > 0
        }
        guard let codes = table.codes(role) ?? table.lists(role)?.lengths.elements else {
            return false
        }
        return motet_count_equal(codes.baseAddress, Int64(codes.count), -1) > 0
    }

    private func missingTest(_ role: ColumnPlan.Role, _ table: RawTable) -> (Int) -> Bool {
        if let numbers = table.doubles(role) { return { numbers[$0].isNaN } }
        if let codes = table.codes(role) { return { codes[$0] < 0 } }
        if let lists = table.lists(role) {
            let lengths = lists.lengths.elements
            return { lengths[$0] < 0 }
        }
        return { _ in false }
    }
}
