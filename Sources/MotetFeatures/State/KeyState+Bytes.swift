extension KeyState {
    /// Appends the state in the form it is stored in, slot by slot.
    func write(to writer: inout ByteWriter) {
        for sums in counts { sums.write(to: &writer) { $0.write(signed: $1) } }
        for sums in sums { sums.write(to: &writer) { $0.write(wide: $1) } }
        for time in times { writer.write(signed: time) }
        for value in values {
            writer.write(byte: value == nil ? 0 : 1)
            guard let value else { continue }
            value.order.write(to: &writer)
            writer.write(number: value.value)
        }
        for texts in texts {
            writer.write(count: texts.entries.count)
            for entry in texts.entries {
                entry.order.write(to: &writer)
                writer.write(text: entry.text)
            }
        }
        for sessions in sessions {
            writer.write(count: sessions.sessions.count)
            for session in sessions.sessions {
                writer.write(signed: session.start)
                writer.write(signed: session.end)
                writer.write(signed: session.events)
            }
        }
    }

    /// Reads a state that ``write(to:)`` wrote.
    ///
    /// - Parameters:
    ///   - reader: the bytes.
    ///   - slots: how many statistics of each list it has: counts, sums, times, values, texts, sessions.
    /// - Throws: ``StoredBytesError`` when they are something else.
    init(from reader: inout ByteReader, slots: [Int]) throws(StoredBytesError) {
        guard slots.count == 6 else { throw .damaged }
        counts = [TileSums<Int64>](repeating: TileSums(), count: slots[0])
        sums = [TileSums<Int128>](repeating: TileSums(), count: slots[1])
        times = [Int64](repeating: .min, count: slots[2])
        values = [LatestValue?](repeating: nil, count: slots[3])
        texts = [LatestTexts](repeating: LatestTexts(), count: slots[4])
        sessions = [Sessions](repeating: Sessions(), count: slots[5])
        for slot in counts.indices {
            counts[slot] = try TileSums(from: &reader) { (reader) throws(StoredBytesError) in
                try reader.signed()
            }
        }
        for slot in sums.indices {
            sums[slot] = try TileSums(from: &reader) { (reader) throws(StoredBytesError) in
                try reader.wide()
            }
        }
        for slot in times.indices { times[slot] = try reader.signed() }
        for slot in values.indices where try reader.byte() == 1 {
            let order = try EventOrder(from: &reader)
            values[slot] = LatestValue(try reader.number(), order)
        }
        for slot in texts.indices {
            var entries: [LatestTexts.Entry] = []
            for _ in 0..<(try reader.count()) {
                let order = try EventOrder(from: &reader)
                entries.append(LatestTexts.Entry(order: order, text: try reader.text()))
            }
            texts[slot] = LatestTexts(entries)
        }
        for slot in sessions.indices {
            var list: [Sessions.Session] = []
            for _ in 0..<(try reader.count()) {
                let start = try reader.signed()
                let end = try reader.signed()
                let events = try reader.signed()
                list.append(Sessions.Session(start: start, end: end, events: events))
            }
            sessions[slot] = Sessions(list)
        }
    }
}

extension EventOrder {
    func write(to writer: inout ByteWriter) {
        writer.write(signed: time)
        writer.write(fixed: tie)
    }

    init(from reader: inout ByteReader) throws(StoredBytesError) {
        let time = try reader.signed()
        self.init(time: time, tie: try reader.fixed())
    }
}

extension TileSums {
    fileprivate func write(
        to writer: inout ByteWriter,
        _ number: (inout ByteWriter, Number) -> Void
    ) {
        writer.write(count: tiles.count)
        var before: Int64 = 0
        for tile in tiles {
            // Neighbours differ little, so the difference is a byte where the number would be five.
            writer.write(signed: tile.index - before)
            before = tile.index
            number(&writer, tile.sum)
        }
    }

    fileprivate init(
        from reader: inout ByteReader,
        _ number: (inout ByteReader) throws(StoredBytesError) -> Number
    ) throws(StoredBytesError) {
        var tiles: [Tile] = []
        var before: Int64 = 0
        for _ in 0..<(try reader.count()) {
            before &+= try reader.signed()
            tiles.append(Tile(index: before, sum: try number(&reader)))
        }
        self.init(tiles)
    }
}
