/// What customers and products did on the days absorbed so far.
struct RetailHistory {
    /// The columns `append` fills.
    static let columns = [
        "customer_invoices", "customer_lines", "customer_spend", "customer_spend_per_invoice",
        "customer_days_since", "customer_cancelled_share", "product_lines",
        "product_mean_quantity", "product_price", "price_ratio", "product_days_since",
        "product_cancelled_share", "customer_product_lines", "customer_mean_quantity",
    ]

    private struct Totals {
        var lines: Float = 0
        var cancelled: Float = 0
        var quantity: Double = 0
        var spend: Double = 0
        var price: Double = 0
        var lastDay: Int32 = .min
        var invoices: Float = 0
        var lastInvoice: Int32 = -1

        mutating func add(_ source: RetailLines, _ line: Int) {
            lines += 1
            quantity += Double(source.quantity[line])
            spend += Double(source.quantity[line]) * Double(source.price[line])
            price += Double(source.price[line])
            lastDay = source.day[line]
        }
    }

    private var customers: [Totals]
    private var products: [Totals]
    private var pairs: [UInt64: Float] = [:]

    /// Nothing has happened yet.
    init(_ lines: RetailLines) {
        customers = Array(repeating: Totals(), count: lines.customers.values.count)
        products = Array(repeating: Totals(), count: lines.products.values.count)
    }

    /// Remembers the lines of a day.
    mutating func absorb(_ range: Range<Int>, of lines: RetailLines) {
        for line in range {
            let customer = Int(lines.customer[line])
            let product = Int(lines.product[line])
            if lines.isCancellation[line] {
                customers[customer].cancelled += 1
                products[product].cancelled += 1
                continue
            }
            if customers[customer].lastInvoice != lines.invoice[line] {
                customers[customer].lastInvoice = lines.invoice[line]
                customers[customer].invoices += 1
            }
            customers[customer].add(lines, line)
            products[product].add(lines, line)
            pairs[RetailHistory.key(customer, product), default: 0] += 1
        }
    }

    private static func key(_ customer: Int, _ product: Int) -> UInt64 {
        UInt64(customer) << 32 | UInt64(product)
    }

    /// The kind of customer, by the invoices before the day.
    func customerType(_ customer: Int) -> String {
        switch customers[customer].invoices {
        case 0: "new"
        case ..<5: "occasional"
        default: "regular"
        }
    }

    /// Appends what is known of a line's customer and product before its day; NaN where nothing is.
    func append(_ line: Int, of lines: RetailLines, to columns: inout [[Float]]) {
        let customer = customers[Int(lines.customer[line])]
        let product = products[Int(lines.product[line])]
        let pair = RetailHistory.key(Int(lines.customer[line]), Int(lines.product[line]))
        let day = lines.day[line]
        let price = product.lines > 0 ? Float(product.price) / product.lines : .nan
        let values: [Float] = [
            customer.invoices, customer.lines, Float(customer.spend),
            customer.invoices > 0 ? Float(customer.spend) / customer.invoices : 0,
            customer.lines > 0 ? Float(day - customer.lastDay) : .nan,
            customer.lines > 0 ? customer.cancelled / customer.lines : 0, product.lines,
            product.lines > 0 ? Float(product.quantity) / product.lines : .nan, price,
            lines.price[line] / price,
            product.lines > 0 ? Float(day - product.lastDay) : .nan,
            product.lines > 0 ? product.cancelled / product.lines : 0, pairs[pair] ?? 0,
            customer.lines > 0 ? Float(customer.quantity) / customer.lines : .nan,
        ]
        for (column, value) in values.enumerated() { columns[column].append(value) }
    }
}
