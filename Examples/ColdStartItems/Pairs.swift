import Foundation
import Motet

/// The part of the items an item belongs to, by its description alone.
enum ItemGroup: Sendable {
    /// Known from training.
    case known
    /// Kept from training, to decide when to stop.
    case newInValidation
    /// Kept from training and validation.
    case new

    init(description: String) {
        switch RandomKey(seed: 352).split("item").split(description).bits(0) % 10 {
        case 0: self = .newInValidation
        case 1, 2: self = .new
        default: self = .known
        }
    }
}

/// Pairs of a customer and an item not bought before, which is bought in a period or not.
///
/// Everything a row knows of the customer comes from the days before the period, and from known items.
struct Pairs {
    /// Width of `numbers`: price, price against the customer's usual one, activity, usual pieces.
    static let width = 4
    /// The first and last day of what is predicted.
    static let training = 20_110_601...20_110_831
    static let validation = 20_110_901...20_110_930
    static let test = 20_111_001...20_111_209
    /// How many items bought of a customer, and how many others for each, make rows.
    private static let (positivesEach, negativesEach) = (10, 3)
    private static let historyLength = 30

    private let orders: Orders
    let groups: [ItemGroup]

    init(_ orders: Orders) {
        self.orders = orders
        groups = orders.descriptions.map { ItemGroup(description: $0) }
    }

    /// What is known of a customer before a period.
    fileprivate struct Past {
        var bought: Set<Int> = []
        /// Known items in the order of their first purchase.
        var items: [Int] = []
        var (logPrice, logPieces, lines): (Float, Float, Float) = (0, 0, 0)
    }

    /// The rows of a period.
    ///
    /// - Parameters:
    ///   - period: the days whose purchases are the labels.
    ///   - wanted: the groups of items to take; each customer is asked about the items of each.
    ///   - hidesItems: whether one row in ten has no item number, as the rows of new items have none.
    /// - Returns: columns as the model reads them; `group` is the customer.
    /// - Throws: `TableError`, never for columns of equal length.
    func rows(
        _ period: ClosedRange<Int>,
        of wanted: [ItemGroup],
        hidesItems: Bool = false
    ) throws -> PreparedDataset {
        var pasts = [Past](repeating: Past(), count: orders.customerCount)
        var pieces = [[Int: Float]](repeating: [:], count: orders.customerCount)
        var prices: [Int: [Float]] = [:]
        for order in orders.orders {
            if period.contains(order.day) {
                pieces[order.customer][order.item, default: 0] += order.pieces
                prices[order.item, default: []].append(order.price)
            } else if order.day < period.lowerBound {
                pasts[order.customer].add(order, isKnown: groups[order.item] == .known)
            }
        }
        var table = PairTable()
        var random = RandomKey(seed: 2011).split("pairs").split(period.lowerBound).generator()
        for group in wanted {
            let sold = prices.keys.filter { groups[$0] == group }.sorted()
            for (customer, past) in pasts.enumerated() where past.items.count >= 3 {
                let bought = pieces[customer].keys
                    .filter { groups[$0] == group && !past.bought.contains($0) }.sorted()
                guard !bought.isEmpty else { continue }
                let others = sold.filter {
                    !past.bought.contains($0) && pieces[customer][$0] == nil
                }
                let positives = bought.shuffled(using: &random).prefix(Self.positivesEach)
                let negatives = others.shuffled(using: &random)
                    .prefix(Self.negativesEach * positives.count)
                for item in positives + negatives {
                    let isHidden = hidesItems && random.nextUniform() < 0.1
                    let price = (prices[item] ?? []).sorted()
                    table.add(
                        customer: customer,
                        item: item,
                        number: group == .known && !isHidden ? item : 0,
                        history: past.items.suffix(Self.historyLength),
                        numbers: past.numbers(logPrice: log(price[price.count / 2])),
                        pieces: pieces[customer][item]
                    )
                }
            }
        }
        return try table.dataset()
    }
}

extension Pairs.Past {
    fileprivate mutating func add(_ order: Order, isKnown: Bool) {
        if bought.insert(order.item).inserted, isKnown { items.append(order.item) }
        logPrice += log(order.price)
        logPieces += log(order.pieces)
        lines += 1
    }

    fileprivate func numbers(logPrice: Float) -> [Float] {
        let usual = self.logPrice / lines
        return [logPrice, logPrice - usual, 0.2 * log1p(lines), 0.5 * logPieces / lines]
    }
}

/// Rows as they are made.
private struct PairTable {
    private var customers: [Int32] = []
    private var items: [Int32] = []
    private var numbers: [Int32] = []
    private var histories: [[Int32]] = []
    private var features: [Float] = []
    private var (buys, many): ([Float], [Float]) = ([], [])

    mutating func add(
        customer: Int,
        item: Int,
        number: Int,
        history: ArraySlice<Int>,
        numbers: [Float],
        pieces: Float?
    ) {
        customers.append(Int32(customer))
        items.append(Int32(item))
        self.numbers.append(Int32(number))
        histories.append(history.map(Int32.init))
        features += numbers
        buys.append(pieces == nil ? 0 : 1)
        many.append(pieces.map { $0 >= 12 ? 1 : 0 } ?? .nan)
    }

    func dataset() throws -> PreparedDataset {
        try PreparedDataset(inMemory: [
            "item": .integers(numbers), "description": .integers(items),
            "history": .ragged(histories), "numbers": .floats(features, width: Pairs.width),
            "group": .integers(customers), "label/buys": .floats(buys),
            "label/many": .floats(many),
        ])
    }
}
