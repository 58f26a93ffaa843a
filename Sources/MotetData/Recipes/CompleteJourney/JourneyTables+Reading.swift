extension JourneyTables {
    /// Reads the package's files.
    ///
    /// - Parameters:
    ///   - files: the files.
    ///   - progress: told what happens.
    /// - Throws: `TableError` or ``DatasetError`` when a file is not what it should be.
    init(_ files: DatasetFiles, progress: (DatasetEvent) -> Void) throws {
        var reading = JourneyReading()
        progress(.note("reading transactions, products and households"))
        try reading.readProducts(files.path("products"))
        try reading.readTransactions(files.path("transactions"))
        try reading.readDemographics(files.path("demographics"))
        try reading.readCampaigns(
            descriptions: files.path("campaign_descriptions"),
            households: files.path("campaigns"),
            coupons: files.path("coupons")
        )
        progress(.note("reading promotions"))
        try reading.readPromotions(files.path("promotions"))
        self = reading.tables
    }
}

/// Turns the ids of the files into dense indices while the files are read.
private struct JourneyReading {
    var tables = JourneyTables()
    private var products: [Int64: Int32] = [:]
    private var households: [Int64: Int32] = [:]
    private var stores: [Int64: Int32] = [:]
    private var unknownManufacturer: Int32 = 0

    private func source(_ path: String) -> TableSource { TableSource(path, format: .parquet) }

    private static func index(
        _ id: Int64,
        _ indices: inout [Int64: Int32],
        _ ids: inout [Int32]
    ) -> Int32 {
        if let known = indices[id] { return known }
        let next = Int32(ids.count)
        indices[id] = next
        ids.append(Int32(truncatingIfNeeded: id))
        return next
    }

    mutating func readProducts(_ path: String) throws {
        let table = try OriginalTable(
            source(path),
            integers: ["product_id", "manufacturer_id"],
            texts: ["department", "brand", "product_category", "product_type", "package_size"]
        )
        var manufacturers: [Int64: Int32] = [:]
        var manufacturerIds: [Int32] = []
        for (row, id) in table.integers("product_id").enumerated() {
            _ = JourneyReading.index(id, &products, &tables.products.ids)
            guard tables.products.count == row + 1 else {
                throw DatasetError(
                    .datasetContent,
                    "\(path), row \(row + 1): product \(id) is described twice; expected each "
                        + "product once."
                )
            }
            let manufacturer = table.integers("manufacturer_id")[row]
            tables.products.manufacturer.append(Int32(truncatingIfNeeded: manufacturer))
            tables.products.manufacturerIndex.append(
                JourneyReading.index(manufacturer, &manufacturers, &manufacturerIds)
            )
        }
        unknownManufacturer = JourneyReading.index(0, &manufacturers, &manufacturerIds)
        tables.products.department = known(table.texts("department"))
        tables.products.category = known(table.texts("product_category"))
        tables.products.type = known(table.texts("product_type"))
        tables.products.brand = known(table.texts("brand"))
        tables.products.packageSize = known(table.texts("package_size"))
        tables.products.campaigns = [UInt64](repeating: 0, count: tables.products.count)
    }

    /// The same column with `unknown`, as its last value, where a text is missing.
    private func known(_ column: TextColumn) -> TextColumn {
        let unknown = Int32(column.values.count)
        return TextColumn(
            codes: column.codes.map { $0 < 0 ? unknown : $0 },
            values: column.values + ["unknown"]
        )
    }

    /// The index of a product; one that is bought or promoted but not described gets attributes
    /// that are unknown.
    private mutating func productIndex(_ id: Int64) throws -> Int32 {
        if let known = products[id] { return known }
        let index = JourneyReading.index(id, &products, &tables.products.ids)
        func appendUnknown(_ column: inout TextColumn) {
            column.codes.append(Int32(column.values.count - 1))
        }
        appendUnknown(&tables.products.department)
        appendUnknown(&tables.products.category)
        appendUnknown(&tables.products.type)
        appendUnknown(&tables.products.brand)
        appendUnknown(&tables.products.packageSize)
        tables.products.manufacturer.append(0)
        tables.products.manufacturerIndex.append(unknownManufacturer)
        tables.products.campaigns.append(0)
        tables.products.undescribed += 1
        guard tables.products.count < Promotion.productLimit else {
            throw DatasetError(
                .datasetContent,
                "products: too many; expected fewer than \(Promotion.productLimit); received more."
            )
        }
        return index
    }

    mutating func readTransactions(_ path: String) throws {
        let table = try OriginalTable(
            source(path),
            integers: [
                "household_id", "store_id", "basket_id", "product_id", "quantity", "week",
                "transaction_timestamp",
            ],
            numbers: ["sales_value", "retail_disc", "coupon_disc", "coupon_match_disc"]
        )
        var lines = JourneyTransactions()
        lines.product = try table.integers("product_id").map { try productIndex($0) }
        lines.household = table.integers("household_id").map {
            JourneyReading.index($0, &households, &tables.households.ids)
        }
        lines.store = table.integers("store_id").map {
            JourneyReading.index($0, &stores, &tables.stores)
        }
        lines.basket = table.integers("basket_id")
        lines.quantity = table.integers("quantity").map { Int32(clamping: $0) }
        lines.week = table.integers("week").map { Int32(clamping: $0) }
        lines.sales = table.numbers("sales_value").map { Float($0) }
        lines.cardDiscount = table.numbers("retail_disc").map { Float($0) }
        lines.couponDiscount = table.numbers("coupon_disc").map { Float($0) }
        lines.matchDiscount = table.numbers("coupon_match_disc").map { Float($0) }
        if let row = lines.week.firstIndex(where: { $0 < 1 || $0 > 1_000 }) {
            throw DatasetError(
                .datasetContent,
                "\(path), row \(row + 1), column \"week\": out of range; expected 1 ... 1000; "
                    + "received \(lines.week[row])."
            )
        }
        let times = table.integers("transaction_timestamp")
        let order = (0..<lines.count).sorted {
            (lines.week[$0], times[$0], $0) < (lines.week[$1], times[$1], $1)
        }
        tables.transactions = lines.reordered(order)
    }

    mutating func readDemographics(_ path: String) throws {
        let questions = JourneyHouseholds.questions
        let table = try OriginalTable(source(path), integers: ["household_id"], texts: questions)
        let count = tables.households.count
        for question in questions {
            let answers = table.texts(question)
            let unknown = Int32(answers.values.count)
            var codes = [Int32](repeating: unknown, count: count)
            for (row, id) in table.integers("household_id").enumerated() {
                guard let household = households[id], answers.codes[row] >= 0 else { continue }
                codes[Int(household)] = answers.codes[row]
            }
            tables.households.answers.append(
                TextColumn(codes: codes, values: answers.values + ["unknown"])
            )
        }
    }

    mutating func readCampaigns(descriptions: String, households: String, coupons: String) throws {
        let described = try OriginalTable(
            source(descriptions),
            integers: ["campaign_id", "start_date", "end_date"],
            texts: ["campaign_type"]
        )
        let microsecondsOfADay: Int64 = 86_400_000_000
        var bits: [Int64: UInt64] = [:]
        for (row, id) in described.integers("campaign_id").enumerated() {
            bits[id] = 1 << UInt64(row)
            tables.campaigns.append(
                JourneyCampaign(
                    type: described.texts("campaign_type").text(row) ?? "unknown",
                    firstDay: Int(described.integers("start_date")[row] / microsecondsOfADay),
                    lastDay: Int(described.integers("end_date")[row] / microsecondsOfADay)
                )
            )
        }
        guard tables.campaigns.count <= 64 else {
            throw DatasetError(
                .datasetContent,
                "\(descriptions): too many campaigns; expected at most 64; received "
                    + "\(tables.campaigns.count)."
            )
        }
        let sent = try OriginalTable(source(households), integers: ["campaign_id", "household_id"])
        tables.households.campaigns = [UInt64](repeating: 0, count: tables.households.count)
        for (campaign, id) in zip(sent.integers("campaign_id"), sent.integers("household_id")) {
            guard let household = self.households[id] else { continue }
            tables.households.campaigns[Int(household)] |= bits[campaign] ?? 0
        }
        let covered = try OriginalTable(source(coupons), integers: ["campaign_id", "product_id"])
        for (campaign, id) in zip(covered.integers("campaign_id"), covered.integers("product_id")) {
            guard let product = products[id] else { continue }
            tables.products.campaigns[Int(product)] |= bits[campaign] ?? 0
        }
    }

    /// Keeps the promotions of stores somebody visited; nobody is exposed to the others.
    mutating func readPromotions(_ path: String) throws {
        let reader = try TableReader(
            source(path),
            columns: [
                "product_id", "store_id", "week",
                ColumnRequest("display_location", type: .dictionary),
                ColumnRequest("mailer_location", type: .dictionary),
            ]
        )
        let weeks = tables.lastWeek
        var rows: [PromotionRow] = []
        var scratch = PromotionScratch()
        var product: (id: Int64, index: Int32) = (.min, 0)
        while let batch = try reader.next() {
            scratch.fill(batch)
            let displays = try places(batch.columns[3], reader, batch)
            let mailers = try places(batch.columns[4], reader, batch)
            try batch.columns[3].withValues(of: Int32.self) { display in
                try batch.columns[4].withValues(of: Int32.self) { mailer in
                    for row in 0..<batch.rowCount {
                        let week = Int(scratch.weeks[row])
                        guard week >= 1, week <= weeks, let store = stores[scratch.stores[row]]
                        else { continue }
                        // Rows of one product stand together.
                        if scratch.products[row] != product.id {
                            product = (
                                scratch.products[row], try productIndex(scratch.products[row])
                            )
                        }
                        let promotion = Promotion(
                            product: Int(product.index),
                            display: displays[Int(display[row])],
                            mailer: mailers[Int(mailer[row])]
                        )
                        guard promotion.kind != nil else { continue }
                        let slot = PromotionCalendar.slot(
                            week: week,
                            store: Int(store),
                            stores: tables.stores.count
                        )
                        rows.append(PromotionRow(slot: slot, promotion: promotion))
                    }
                }
            }
        }
        tables.promotions = PromotionCalendar(
            rows: rows,
            weeks: weeks,
            stores: tables.stores.count
        )
    }

    /// The codes of the places of a batch's dictionary.
    private func places(
        _ column: ArrowColumn,
        _ reader: TableReader,
        _ batch: RecordBatch
    ) throws -> [Int] {
        let dictionary = column.dictionary
        return try (0..<dictionary.count).map { index in
            let text = dictionary.text(at: index) ?? ""
            guard let place = PromotionPlace(text), !column.mayHaveNulls else {
                throw DatasetError(
                    .datasetContent,
                    "\(batch.file), column \"\(column.name)\": not a place; expected one digit or "
                        + "letter in every row; received `\(text)`."
                )
            }
            return place.code
        }
    }
}

/// The whole numbers of a batch of promotions, in memory used again and again.
private struct PromotionScratch {
    private(set) var products: [Int64] = []
    private(set) var stores: [Int64] = []
    private(set) var weeks: [Int64] = []

    mutating func fill(_ batch: RecordBatch) {
        func read(_ column: ArrowColumn) -> [Int64] {
            [Int64](unsafeUninitializedCapacity: column.count) { buffer, count in
                column.copyIntegers(into: buffer)
                count = column.count
            }
        }
        products = read(batch.columns[0])
        stores = read(batch.columns[1])
        weeks = read(batch.columns[2])
    }
}
