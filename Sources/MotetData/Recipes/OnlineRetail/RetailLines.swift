/// The usable lines of the shop's invoices in the order of time, and what was repaired and dropped.
struct RetailLines {
    /// Days from 1970-01-01 and minutes of the day.
    private(set) var day: [Int32] = []
    private(set) var minute: [Int32] = []
    private(set) var invoice: [Int32] = []
    private(set) var isCancellation: [Bool] = []
    private(set) var product: [Int32] = []
    private(set) var customer: [Int32] = []
    private(set) var country: [Int32] = []
    private(set) var quantity: [Float] = []
    private(set) var price: [Float] = []
    private(set) var products = TextNumbers()
    private(set) var customers = TextNumbers()
    private(set) var countries = TextNumbers()
    /// Rows by what was repaired, and by why they were dropped, in the order of the rules.
    private(set) var counts: [DatasetReport.Count] = []

    /// The number of usable lines.
    var count: Int { day.count }

    private struct Line: Hashable {
        var invoice: Int32
        var product: Int32
        var customer: Int32
        var day: Int32
        var minute: Int32
        var quantity: Float
        var price: Float
    }

    /// Reads, repairs and orders the lines.
    init(_ path: String) throws {
        let columns = [
            "InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID",
            "Country",
        ]
        let table = try OriginalTable(
            TableSource(path, format: .csv),
            texts: columns
        )
        let text = columns.map { table.texts($0) }
        let repairs = RetailRepairs()
        let stocks = text[1].values.map { repairs.code($0) }
        let quantities = text[2].values.map { repairs.number($0) }
        let times = text[3].values.map { RetailTime($0) }
        let prices = text[4].values.map { repairs.number($0) }
        let buyers = text[5].values.map { repairs.customer($0) }
        var (noCustomer, noProduct, noNumber, repeated) = (0, 0, 0, 0)
        var (trimmedCodes, trimmedCustomers, commas) = (0, 0, 0)
        var lines: [(line: Line, isCancellation: Bool, country: Int32)] = []
        var seen: Set<Line> = []
        var invoices = TextNumbers()
        for row in 0..<table.rowCount {
            func code(_ column: Int) -> Int? {
                let code = text[column].codes[row]
                return code < 0 ? nil : Int(code)
            }
            guard let buyer = code(5), !buyers[buyer].value.isEmpty else {
                noCustomer += 1
                continue
            }
            guard let stock = code(1), RetailRepairs.isProduct(stocks[stock].value) else {
                noProduct += 1
                continue
            }
            guard let amount = code(2), let quantity = quantities[amount].value, quantity != 0,
                let cost = code(4), let price = prices[cost].value, price > 0,
                let moment = code(3), let time = times[moment], let number = code(0)
            else {
                noNumber += 1
                continue
            }
            if stocks[stock].isRepaired { trimmedCodes += 1 }
            if buyers[buyer].isRepaired { trimmedCustomers += 1 }
            if quantities[amount].isRepaired || prices[cost].isRepaired { commas += 1 }
            let name = text[0].values[number]
            let line = Line(
                invoice: invoices.number(of: name),
                product: products.number(of: stocks[stock].value),
                customer: customers.number(of: buyers[buyer].value),
                day: Int32(time.day),
                minute: Int32(time.minute),
                quantity: quantity,
                price: price
            )
            guard seen.insert(line).inserted else {
                repeated += 1
                continue
            }
            let land = countries.number(of: text[6].text(row) ?? "unknown")
            lines.append((line, name.uppercased().hasPrefix("C"), land))
        }
        let order = lines.indices.sorted {
            let (left, right) = (lines[$0].line, lines[$1].line)
            return (left.day, left.minute, $0) < (right.day, right.minute, $1)
        }
        for index in order {
            append(lines[index].line, lines[index].isCancellation, lines[index].country)
        }
        counts = [
            DatasetReport.Count("invoice lines", table.rowCount),
            DatasetReport.Count("customer codes trimmed of `.0`", trimmedCustomers),
            DatasetReport.Count("product codes trimmed or written in capitals", trimmedCodes),
            DatasetReport.Count("numbers with a decimal comma", commas),
            DatasetReport.Count("dropped: no customer", noCustomer),
            DatasetReport.Count("dropped: no product (postage, fees, samples)", noProduct),
            DatasetReport.Count("dropped: no quantity, price or time", noNumber),
            DatasetReport.Count("dropped: repeats another line", repeated),
        ]
    }

    private mutating func append(_ line: Line, _ isCancelled: Bool, _ land: Int32) {
        day.append(line.day)
        minute.append(line.minute)
        invoice.append(line.invoice)
        isCancellation.append(isCancelled || line.quantity < 0)
        product.append(line.product)
        customer.append(line.customer)
        country.append(land)
        quantity.append(line.quantity)
        price.append(line.price)
    }
}
