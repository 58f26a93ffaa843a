/// An order with the answer it got, as bytes.
struct RiskRecord {
    let order: RiskOrder
    let fingerprint: UInt64
    let answer: [UInt8]

    init(order: RiskOrder, fingerprint: UInt64, answer: [UInt8]) {
        self.order = order
        self.fingerprint = fingerprint
        self.answer = answer
    }

    /// The numbers of eight bytes each before the tokens.
    private static let fixed = 5

    /// Reads what ``bytes`` wrote; nil where it is something else.
    init?(_ bytes: ArraySlice<UInt8>) {
        var place = bytes.startIndex
        func number(_ index: Int) -> UInt64 {
            RiskJournal.number(bytes[(place + 8 * index)..<(place + 8 * index + 8)])
        }
        guard bytes.count > 8 * Self.fixed else { return nil }
        let id = RiskIdentity(high: number(0), low: number(1))
        let (time, amount) = (Int64(bitPattern: number(2)), Double(bitPattern: number(3)))
        fingerprint = number(4)
        place += 8 * Self.fixed
        // A later version may know more dimensions, which come last; this one passes over them.
        let count = Int(bytes[place])
        place += 1
        let known = RiskDimension.allCases.count
        guard bytes.endIndex - place >= 8 * count else { return nil }
        let tokens = (0..<known).map { $0 < count ? number($0) : 0 }
        place += 8 * count
        order = RiskOrder(id: id, time: time, amount: amount, tokens: tokens)
        answer = Array(bytes[place...])
    }

    /// The record as bytes: eight for a number, the lowest first.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        let numbers = [
            order.id.high, order.id.low, UInt64(bitPattern: order.time), order.amount.bitPattern,
            fingerprint,
        ]
        for number in numbers { RiskJournal.append(number, bytes: 8, to: &bytes) }
        bytes.append(UInt8(order.tokens.count))
        for token in order.tokens { RiskJournal.append(token, bytes: 8, to: &bytes) }
        return bytes + answer
    }
}
