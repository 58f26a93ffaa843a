/// What happens after a line: returns and purchases of the days that follow, for labels only.
struct RetailOutcomes {
    /// How many days a label looks ahead.
    static let horizon: Int32 = 30

    private let lastDay: Int32
    private var returnDays: [UInt64: [Int32]] = [:]
    // For each customer the days with purchases and the money spent up to and with each.
    private var purchaseDays: [[Int32]]
    private var spendUpTo: [[Double]]

    /// Gathers the outcomes of all lines.
    init(_ lines: RetailLines) {
        lastDay = lines.day.last ?? 0
        purchaseDays = Array(repeating: [], count: lines.customers.values.count)
        spendUpTo = Array(repeating: [], count: lines.customers.values.count)
        for line in 0..<lines.count {
            let customer = Int(lines.customer[line])
            if lines.isCancellation[line] {
                let key = RetailOutcomes.key(lines, line)
                returnDays[key, default: []].append(lines.day[line])
                continue
            }
            let value = Double(lines.quantity[line]) * Double(lines.price[line])
            let before = spendUpTo[customer].last ?? 0
            if purchaseDays[customer].last == lines.day[line] {
                spendUpTo[customer][spendUpTo[customer].count - 1] = before + value
            } else {
                purchaseDays[customer].append(lines.day[line])
                spendUpTo[customer].append(before + value)
            }
        }
    }

    private static func key(_ lines: RetailLines, _ line: Int) -> UInt64 {
        UInt64(lines.customer[line]) << 32 | UInt64(lines.product[line])
    }

    /// Whether all days a label looks at are in the data.
    func isComplete(_ day: Int32) -> Bool { day + RetailOutcomes.horizon <= lastDay }

    /// Whether the customer cancelled the product on the day of the line or in the 30 days after.
    func isReturned(_ line: Int, of lines: RetailLines) -> Bool {
        let day = lines.day[line]
        return (returnDays[RetailOutcomes.key(lines, line)] ?? []).contains {
            day <= $0 && $0 <= day + RetailOutcomes.horizon
        }
    }

    /// What the customer spent in the 30 days after the day of the line; 0 if nothing.
    func spend(after day: Int32, customer: Int) -> Double {
        let days = purchaseDays[customer]
        func upTo(_ day: Int32) -> Double {
            guard let index = days.lastIndex(where: { $0 <= day }) else { return 0 }
            return spendUpTo[customer][index]
        }
        return upTo(day + RetailOutcomes.horizon) - upTo(day)
    }

    /// Whether the customer bought in the 30 days after the day of the line.
    func buysAgain(after day: Int32, customer: Int) -> Bool {
        purchaseDays[customer].contains { day < $0 && $0 <= day + RetailOutcomes.horizon }
    }
}
