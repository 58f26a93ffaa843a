import MotetCore

extension RawData {
    /// Gives the rows of the training source to the parts, as the schema's split says.
    func assignSplit() throws {
        guard schema.split != .given,
            let source = sources.first(where: { $0.part == .training })
        else { return }
        switch schema.split {
        case .given: break
        case .fraction(let validation, let test, let seed):
            assignAtRandom(source, validation, test, seed)
        case .time(let column, let validation, let test):
            let times = try times(column, source)
            assign(
                source,
                times,
                validation: validation.flatMap { TimeValue.parse($0) },
                test: test.flatMap { TimeValue.parse($0) }
            )
        case .timeFraction(let column, let validation, let test):
            try assignByTime(source, try times(column, source), validation, test)
        case .key(let column, let validation, let test, let seed):
            assignByKey(source, column, validation, test, seed)
        }
        for part in DataPart.allCases where schema.split.makes(part) {
            guard !source.marks.contains(part.mark) else { continue }
            throw PreparationError(
                "no_rows",
                "split: no row for \(part.rawValue); expected at least one of the "
                    + "\(grouped(source.marks.count { $0 != .droppedRow })) rows; received 0. "
                    + "Check the cuts or fractions."
            )
        }
    }

    private func assignAtRandom(
        _ source: Source,
        _ validation: Double,
        _ test: Double,
        _ seed: UInt64
    ) {
        let key = RandomKey(seed: seed).split("split")
        let kept = source.marks.indices.filter { source.marks[$0] != .droppedRow }
        let draws = kept.map { Double(key.bits($0) >> 11) }
        let cuts = cuts(draws, first: test, second: validation)
        for (row, draw) in zip(kept, draws) {
            source.marks[row] =
                draw < cuts.0
                ? DataPart.test.mark
                : draw < cuts.1 ? DataPart.validation.mark : DataPart.training.mark
        }
    }

    /// The values below which the first fraction, and the first two fractions, of the values lie.
    private func cuts(_ values: [Double], first: Double, second: Double) -> (Double, Double) {
        let count = values.count
        let ranks = [
            Int(first * Double(count)), Int(first * Double(count)) + Int(second * Double(count)),
        ]
        return values.withUnsafeBufferPointer { values in
            let found = ranks.map { rank in
                rank < count ? OrderStatistics.select([Int64(rank)], from: values)[0] : .infinity
            }
            return (found[0], found[1])
        }
    }

    private func times(
        _ column: String,
        _ source: Source
    ) throws -> UnsafeMutableBufferPointer<Double> {
        guard let times = source.table.doubles(.time(column: column)) else {
            preconditionFailure("column \(column) was not read as a time")
        }
        for row in times.indices where times[row].isNaN && source.marks[row] != .droppedRow {
            throw PreparationError(
                "missing_value",
                "\(source.table.place(row)), column \"\(column)\": the time of the row is missing; "
                    + "expected a time to split by; received nothing. Drop such rows with an "
                    + "allowed range, or split by fraction."
            )
        }
        return times
    }

    private func assignByTime(
        _ source: Source,
        _ times: UnsafeMutableBufferPointer<Double>,
        _ validation: Double,
        _ test: Double
    ) throws {
        let kept = times.indices.filter { source.marks[$0] != .droppedRow }.map { times[$0] }
        guard !kept.isEmpty else { throw PreparationError.noTrainingRows }
        let testRows = Int(test * Double(kept.count))
        let laterRows = testRows + Int(validation * Double(kept.count))
        let cuts = kept.withUnsafeBufferPointer { kept in
            [laterRows, testRows].map { rows in
                rows == 0
                    ? Double.infinity
                    : OrderStatistics.select([Int64(kept.count - rows)], from: kept)[0]
            }
        }
        assign(source, times, validation: cuts[0], test: cuts[1])
    }

    private func assign(
        _ source: Source,
        _ times: UnsafeMutableBufferPointer<Double>,
        validation: Double?,
        test: Double?
    ) {
        for row in times.indices where source.marks[row] != .droppedRow {
            if let test, times[row] >= test {
                source.marks[row] = DataPart.test.mark
            } else if let validation, times[row] >= validation {
                source.marks[row] = DataPart.validation.mark
            }
        }
    }

    private func assignByKey(
        _ source: Source,
        _ column: String,
        _ validation: Double,
        _ test: Double,
        _ seed: UInt64
    ) {
        guard let codes = source.table.codes(.codes(column: column)) else { return }
        let key = RandomKey(seed: seed).split("split")
        let dictionary = dictionary(of: column)
        func mark(_ hash: UInt64) -> UInt8 {
            let draw = Double(RandomKey.mix(hash ^ key.value) >> 11) * 0x1p-53
            if draw < test { return DataPart.test.mark }
            return draw < test + validation ? DataPart.validation.mark : DataPart.training.mark
        }
        let marks = [mark(0)] + (0..<dictionary.count).map { mark(dictionary.hash(Int32($0))) }
        for row in codes.indices where source.marks[row] != .droppedRow {
            source.marks[row] = marks[Int(codes[row]) + 1]
        }
    }
}
