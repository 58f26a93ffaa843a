extension Event {
    /// Appends the event in the form it is stored in.
    func write(to writer: inout ByteWriter) {
        writer.write(byte: kind.code)
        writer.write(text: id)
        writer.write(signed: time)
        writer.write(text: user)
        writer.write(optional: item)
        writer.write(optional: category)
        writer.write(optional: scenario)
        writer.write(optional: query)
        writer.write(number: quantity)
        // Prices are not negative, so NaN stands for none.
        writer.write(number: price ?? .nan)
    }

    /// Reads an event that ``write(to:)`` wrote.
    init(from reader: inout ByteReader) throws(StoredBytesError) {
        guard let kind = EventKind(code: try reader.byte()) else { throw .damaged }
        let id = try reader.text()
        let time = try reader.signed()
        let user = try reader.text()
        let item = try reader.optionalText()
        let category = try reader.optionalText()
        let scenario = try reader.optionalText()
        let query = try reader.optionalText()
        let quantity = try reader.number()
        let price = try reader.number()
        self.init(
            id: id,
            time: time,
            kind: kind,
            user: user,
            item: item,
            category: category,
            scenario: scenario,
            query: query,
            quantity: quantity,
            price: price.isNaN ? nil : price
        )
    }
}
