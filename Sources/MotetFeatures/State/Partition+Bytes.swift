extension Partition {
    /// Appends the keys in the form they are stored in.
    func write(to writer: inout ByteWriter) {
        writer.write(count: keys.count)
        for (key, state) in keys {
            writer.write(count: key.entity)
            writer.write(text: key.rest)
            state.write(to: &writer)
        }
    }

    /// The keys as bytes.
    func bytes() -> [UInt8] {
        var writer = ByteWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// Reads keys that ``write(to:)`` wrote.
    ///
    /// - Parameters:
    ///   - bytes: the bytes.
    ///   - conversion: from the layout they were written with.
    /// - Throws: ``StoredBytesError`` when they are something else.
    init(_ bytes: ArraySlice<UInt8>, _ conversion: StateConversion) throws(StoredBytesError) {
        var reader = ByteReader(bytes)
        for _ in 0..<(try reader.count()) {
            guard let (key, state) = try conversion.read(&reader) else { continue }
            keys[key] = state
        }
        guard reader.isAtEnd else { throw .damaged }
    }
}
