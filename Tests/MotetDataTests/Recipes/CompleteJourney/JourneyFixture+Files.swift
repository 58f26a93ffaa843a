@testable import MotetData

extension JourneyFixture {
    /// Writes tables as the package lays them out, lines and promotions in another order.
    static func write(_ tables: JourneyTables, to folder: String) throws {
        func write(_ name: String, _ columns: [(String, TableValues)]) throws {
            let writer = try TableWriter(
                path: "\(folder)/\(name).parquet",
                columns: columns.map { ColumnDescription(name: $0.0, type: $0.1.type) }
            )
            try writer.append(columns.map(\.1))
            try writer.finish()
        }
        func wide(_ values: some Sequence<Int32>) -> TableValues {
            .int64(values.map { Int64($0) })
        }
        func money(_ values: [Float]) -> TableValues { .float64(values.map { Double($0) }) }
        func texts(_ column: TextColumn) -> TableValues {
            .string(
                column.codes.indices.map { column.text($0) == "unknown" ? nil : column.text($0) }
            )
        }
        let products = tables.products
        try write(
            "products",
            [
                ("product_id", wide(products.ids)),
                ("manufacturer_id", wide(products.manufacturer)),
                ("department", texts(products.department)), ("brand", texts(products.brand)),
                ("product_category", texts(products.category)),
                ("product_type", texts(products.type)),
                ("package_size", texts(products.packageSize)),
            ]
        )
        // The files need not be in order of time: the times tell it.
        let order = Array((0..<tables.transactions.count).reversed())
        let lines = tables.transactions.reordered(order)
        try write(
            "transactions",
            [
                ("household_id", wide(lines.household.map { tables.households.ids[Int($0)] })),
                ("store_id", wide(lines.store.map { tables.stores[Int($0)] })),
                ("basket_id", .int64(lines.basket)),
                ("product_id", wide(lines.product.map { products.ids[Int($0)] })),
                ("quantity", wide(lines.quantity)), ("sales_value", money(lines.sales)),
                ("retail_disc", money(lines.cardDiscount)),
                ("coupon_disc", money(lines.couponDiscount)),
                ("coupon_match_disc", money(lines.matchDiscount)), ("week", wide(lines.week)),
                ("transaction_timestamp", .int64(order.map { Int64($0) })),
            ]
        )
        let answers = zip(JourneyHouseholds.questions, tables.households.answers)
        try write(
            "demographics",
            [("household_id", wide(tables.households.ids))] + answers.map { ($0, texts($1)) }
        )
        try writeCampaigns(tables, write)
        var promotions: [(week: Int, store: Int, Promotion)] = []
        for week in 1...lastWeek {
            for store in 0..<storeCount {
                promotions += tables.promotions.promotions(week: week, store: store)
                    .map { (week, store, $0) }
            }
        }
        promotions.reverse()
        func place(_ code: Int) -> String { String(code, radix: 36).uppercased() }
        try write(
            "promotions",
            [
                ("product_id", wide(promotions.map { products.ids[$0.2.product] })),
                ("store_id", wide(promotions.map { tables.stores[$0.store] })),
                ("display_location", .string(promotions.map { place($0.2.display) })),
                ("mailer_location", .string(promotions.map { place($0.2.mailer) })),
                ("week", .int64(promotions.map { Int64($0.week) })),
            ]
        )
    }

    private static func writeCampaigns(
        _ tables: JourneyTables,
        _ write: (String, [(String, TableValues)]) throws -> Void
    ) throws {
        let microsecondsOfADay: Int64 = 86_400_000_000
        let campaigns = tables.campaigns
        try write(
            "campaign_descriptions",
            [
                ("campaign_id", .int64(campaigns.indices.map { Int64($0) + 1 })),
                ("campaign_type", .string(campaigns.map(\.type))),
                ("start_date", .int64(campaigns.map { Int64($0.firstDay) * microsecondsOfADay })),
                ("end_date", .int64(campaigns.map { Int64($0.lastDay) * microsecondsOfADay })),
            ]
        )
        func pairs(_ masks: [UInt64], _ ids: [Int32]) -> (campaigns: [Int64], ids: [Int64]) {
            var found: (campaigns: [Int64], ids: [Int64]) = ([], [])
            for (mask, id) in zip(masks, ids) {
                for bit in campaigns.indices where mask >> UInt64(bit) & 1 == 1 {
                    found.campaigns.append(Int64(bit) + 1)
                    found.ids.append(Int64(id))
                }
            }
            return found
        }
        let sent = pairs(tables.households.campaigns, tables.households.ids)
        try write(
            "campaigns",
            [("campaign_id", .int64(sent.campaigns)), ("household_id", .int64(sent.ids))]
        )
        let covered = pairs(tables.products.campaigns, tables.products.ids)
        try write(
            "coupons",
            [("campaign_id", .int64(covered.campaigns)), ("product_id", .int64(covered.ids))]
        )
    }
}
