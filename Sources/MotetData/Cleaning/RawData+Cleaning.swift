import CKernels

extension RawData {
    /// Repairs text in dictionaries' codes; numbers were repaired while they were read.
    func repairText() throws {
        var done: Set<String> = []
        for case .repair(let column, _) in schema.cleaning where done.insert(column).inserted {
            guard let steps = plan.repairs[column], plan.dictionaries[column] != nil else {
                continue
            }
            try repair(column, steps, CleaningRule.repair(column: column, steps).title)
        }
    }

    private func repair(_ column: String, _ steps: [TextRepair], _ rule: String) throws {
        let dictionary = dictionary(of: column)
        var table = [Int32](repeating: -1, count: dictionary.count + 1)
        for code in 0..<Int32(dictionary.count) {
            let text = dictionary.text(code)
            let repaired = TextRepair.apply(steps, to: text)
            if repaired == text {
                table[Int(code) + 1] = code
            } else if let repaired, !repaired.isEmpty {
                table[Int(code) + 1] = try dictionary.code(of: repaired)
            }
        }
        for source in sources {
            var changed = 0
            for role in plan.roles where role.column == column && role.usesDictionary {
                if let codes = source.table.codes(role) {
                    for index in codes.indices {
                        let code = table[Int(codes[index]) + 1]
                        changed += code == codes[index] ? 0 : 1
                        codes[index] = code
                    }
                } else if let lists = source.table.lists(role) {
                    changed += lists.replace(table)
                }
            }
            // A column that is also read as a number was counted then.
            let isCounted = report.rules.contains {
                $0.rule == rule && $0.part == source.part.rawValue
            }
            if !isCounted { record(rule, source.part.rawValue, changed: changed) }
        }
    }

    /// Runs the rules that need nothing learnt, in order: duplicates and ranges.
    func cleanRows() throws {
        for rule in schema.cleaning {
            switch rule {
            case .duplicates(let key, let keep):
                guard dropsRows else { continue }
                for source in sources { try dropDuplicates(key, keep, rule.title, in: source) }
            case .range(let column, let minimum, let maximum, let action):
                for source in sources {
                    enforce(
                        column,
                        minimum ?? -.infinity,
                        maximum ?? .infinity,
                        action,
                        rule,
                        in: source
                    )
                }
            case .repair, .outliers: break
            }
        }
    }

    /// Keeps one row of each key; keys are compared exactly, by numbering pairs of codes.
    private func dropDuplicates(
        _ key: [String],
        _ keep: CleaningRule.Occurrence,
        _ rule: String,
        in source: Source
    ) throws {
        let columns = key.compactMap { source.table.codes(.codes(column: $0)) }
        guard columns.count == key.count, let first = columns.first else { return }
        let rows = source.marks.count
        let keys = ScratchArray<Int32>(directory: directory)
        try keys.append(rows) { out in
            out.update(from: first.baseAddress ?? out, count: rows)
            return rows
        }
        try keys.finish()
        for column in columns.dropFirst() {
            try combine(keys.elements, with: column)
        }
        let largest = keys.elements.max() ?? -1
        var seen = [Bool](repeating: false, count: Int(largest) + 2)
        var repeated = [Bool](repeating: false, count: rows)
        let order = keep == .first ? Array(0..<rows) : (0..<rows).reversed()
        for row in order where source.marks[row] != .droppedRow {
            let code = Int(keys.elements[row]) + 1
            repeated[row] = seen[code]
            seen[code] = true
        }
        drop(rule, in: source) { repeated[$0] }
    }

    /// Replaces each key by the number of the pair (key, code).
    private func combine(
        _ keys: UnsafeMutableBufferPointer<Int32>,
        with codes: UnsafeMutableBufferPointer<Int32>
    ) throws {
        let pairs = Interner()
        var block = [Int64](repeating: 0, count: 4_096)
        var start = 0
        while start < keys.count {
            let size = min(block.count, keys.count - start)
            for index in 0..<size {
                let low = Int64(codes[start + index]) + 1
                block[index] = Int64(keys[start + index]) << 32 | low
            }
            let status = motet_intern_integers(
                pairs.pointer,
                block,
                nil,
                Int64(size),
                keys.baseAddress.map { $0 + start }
            )
            guard status == 0 else { throw PreparationError.tooManyValues }
            start += size
        }
    }

    private func enforce(
        _ column: String,
        _ minimum: Double,
        _ maximum: Double,
        _ action: CleaningRule.RangeAction,
        _ rule: CleaningRule,
        in source: Source
    ) {
        guard let numbers = source.table.doubles(.number(column: column)) else { return }
        if action == .drop {
            if dropsRows {
                drop(rule.title, in: source) { numbers[$0] < minimum || numbers[$0] > maximum }
            }
            return
        }
        var changed = PartCounts()
        for row in numbers.indices {
            let value = numbers[row]
            guard value < minimum || value > maximum, let part = DataPart(mark: source.marks[row])
            else { continue }
            numbers[row] =
                action == .missing ? .nan : value < minimum ? minimum : maximum
            changed[part] += 1
        }
        record(rule, in: source, changed: changed)
    }
}

extension RawTable.RawLists {
    /// Replaces every code by the entry after its own; those of -1, repaired to nothing, leave their list.
    ///
    /// Returns how many changed.
    fileprivate func replace(_ table: [Int32]) -> Int {
        var changed = 0
        for row in lengths.elements.indices where lengths.elements[row] > 0 {
            let start = Int(starts.elements[row])
            var kept = 0
            for place in start..<(start + Int(lengths.elements[row])) {
                let before = values.elements[place]
                let code = table[Int(before) + 1]
                changed += code == before ? 0 : 1
                guard code >= 0 else { continue }
                values.elements[start + kept] = code
                kept += 1
            }
            lengths.elements[row] = Int32(kept)
        }
        return changed
    }
}
