/// How a product is promoted in a store and week.
enum ExposureKind: Int, CaseIterable, Sendable {
    /// On a display in the store only.
    case display
    /// In the mailer only.
    case mailer
    /// On a display and in the mailer.
    case both

    /// The name in the column `exposure`.
    var name: String {
        switch self {
        case .display: "display"
        case .mailer: "mailer"
        case .both: "both"
        }
    }
}

/// A place of the shop's own coding: one digit or capital letter; `0` is none.
struct PromotionPlace: Hashable, Sendable {
    /// The character's rank among 0-9, A-Z.
    let code: Int

    /// Reads a place as the data set writes it, or nil.
    init?(_ text: String) {
        guard text.utf8.count == 1, let code = Int(text, radix: 36) else { return nil }
        self.code = code
    }

    /// All places by code: `none`, then the characters.
    static let names = ["none"] + (1..<36).map { String($0, radix: 36).uppercased() }
}

/// A product promoted in a store and week, packed into 32 bits: product, display and mailer place.
struct Promotion: Hashable, Comparable, Sendable {
    /// Products have indices below this.
    static let productLimit = 1 << 20
    fileprivate let bits: UInt32

    /// Packs a promotion of a product, with the codes of its places.
    init(product: Int, display: Int, mailer: Int) {
        bits = UInt32(product) << 12 | UInt32(display) << 6 | UInt32(mailer)
    }

    fileprivate init(bits: UInt32) { self.bits = bits }

    /// The dense index of the product.
    var product: Int { Int(bits >> 12) }
    /// The code of the place on display; 0 is none.
    var display: Int { Int(bits >> 6) & 63 }
    /// The code of the place in the mailer; 0 is none.
    var mailer: Int { Int(bits) & 63 }

    /// Where it can be seen; nil where it is promoted nowhere.
    var kind: ExposureKind? {
        switch (display > 0, mailer > 0) {
        case (true, true): .both
        case (true, false): .display
        case (false, true): .mailer
        case (false, false): nil
        }
    }

    static func < (left: Promotion, right: Promotion) -> Bool { left.bits < right.bits }
}

/// The promotions of every store and week, ordered by product.
struct PromotionCalendar: Sendable {
    private var promotions: [Promotion] = []
    private var starts: [Int] = [0]
    private var storeCount = 0
    /// How many rows repeated the product, store and week of another.
    private(set) var repeatedRows = 0

    /// No promotions.
    init() {}

    /// Sorts promotions into stores and weeks.
    ///
    /// Of several rows for one product, store and week, each kind of place is the one with the
    /// smallest code that is not none.
    ///
    /// - Parameters:
    ///   - rows: the promotions, in any order.
    ///   - weeks: the number of weeks.
    ///   - stores: the number of stores.
    init(
        rows: [PromotionRow],
        weeks: Int,
        stores: Int
    ) {
        storeCount = stores
        var ends = [Int](repeating: 0, count: (weeks + 1) * stores + 1)
        for row in rows { ends[row.slot + 1] += 1 }
        for slot in 1..<ends.count { ends[slot] += ends[slot - 1] }
        var next = ends
        promotions = [Promotion](
            repeating: Promotion(product: 0, display: 0, mailer: 0),
            count: rows.count
        )
        for row in rows {
            promotions[next[row.slot]] = row.promotion
            next[row.slot] += 1
        }
        starts = ends
        mergeRepeatedRows()
    }

    /// The number of the bucket of a week and store.
    static func slot(week: Int, store: Int, stores: Int) -> Int { week * stores + store }

    /// The promotions of a week and store, ordered by product, each product once.
    func promotions(week: Int, store: Int) -> ArraySlice<Promotion> {
        let slot = PromotionCalendar.slot(week: week, store: store, stores: storeCount)
        guard slot + 1 < starts.count else { return [] }
        return promotions[starts[slot]..<starts[slot + 1]]
    }

    /// Orders every bucket by product and makes one promotion of several for the same product.
    private mutating func mergeRepeatedRows() {
        var write = 0
        var newStarts = starts
        for slot in 0..<starts.count - 1 {
            let range = starts[slot]..<starts[slot + 1]
            promotions[range].sort()
            newStarts[slot] = write
            for index in range {
                let promotion = promotions[index]
                guard write > newStarts[slot], promotions[write - 1].product == promotion.product
                else {
                    promotions[write] = promotion
                    write += 1
                    continue
                }
                promotions[write - 1] = promotions[write - 1].merged(with: promotion)
            }
        }
        newStarts[starts.count - 1] = write
        repeatedRows = promotions.count - write
        promotions.removeLast(repeatedRows)
        starts = newStarts
    }
}

/// A promotion and the bucket it belongs to, packed into 64 bits.
struct PromotionRow: Sendable {
    private let bits: UInt64

    /// Packs a promotion with the number of its bucket, as `PromotionCalendar.slot` gives it.
    init(slot: Int, promotion: Promotion) {
        bits = UInt64(slot) << 32 | UInt64(promotion.bits)
    }

    /// The bucket of its week and store.
    var slot: Int { Int(bits >> 32) }
    /// The promotion.
    var promotion: Promotion { Promotion(bits: UInt32(truncatingIfNeeded: bits)) }
}

extension Promotion {
    /// One promotion of two for the same product.
    fileprivate func merged(with other: Promotion) -> Promotion {
        func smaller(_ left: Int, _ right: Int) -> Int {
            left == 0 || right == 0 ? max(left, right) : min(left, right)
        }
        return Promotion(
            product: product,
            display: smaller(display, other.display),
            mailer: smaller(mailer, other.mailer)
        )
    }
}
