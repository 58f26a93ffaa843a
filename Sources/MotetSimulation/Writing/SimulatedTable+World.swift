import MotetData

/// The tables that a simulation writes beside its rows, and where.
struct WorldTables {
    /// Paths below the simulation's folder, without the ending, and tables.
    let tables: [(path: String, table: SimulatedTable)]

    init(_ world: SimulatedWorld) {
        var tables = [
            ("users", Self.users(world)), ("truth/users", Self.trueUsers(world)),
            ("items", Self.items(world)), ("truth/items", Self.trueItems(world)),
            ("item_days", Self.itemDays(world)), ("truth/item_days", Self.trueItemDays(world)),
        ]
        if world.campaigns.count > 0 {
            tables += [
                ("campaigns", Self.campaigns(world)),
                ("truth/campaigns", Self.trueCampaigns(world)),
            ]
        }
        if !world.accounts.ringSellers.isEmpty {
            tables.append(("truth/rings", Self.rings(world)))
        }
        self.tables = tables
    }

    private static func numbers(_ count: Int) -> TableValues {
        .int32((0..<count).map(Int32.init))
    }

    /// Column `column` of a matrix.
    private static func column(_ matrix: [Float], _ column: Int, width: Int) -> [Float] {
        stride(from: column, to: matrix.count, by: width).map { matrix[$0] }
    }

    private static func users(_ world: SimulatedWorld) -> SimulatedTable {
        let (accounts, width) = (world.accounts, world.space.dimension)
        var table = SimulatedTable()
        table.add("user", numbers(accounts.count), isSpread: true)
        table.add("device", .int32(accounts.device))
        table.add("address", .int32(accounts.address))
        table.add("device_accounts", .int32(accounts.deviceAccounts))
        table.add("address_accounts", .int32(accounts.addressAccounts))
        table.addSpread("age_days", accounts.age)
        for index in 0..<width {
            table.addSpread("user_\(index)", column(accounts.features, index, width: width))
        }
        return table
    }

    private static func trueUsers(_ world: SimulatedWorld) -> SimulatedTable {
        let (accounts, width) = (world.accounts, world.space.dimension)
        var table = SimulatedTable()
        table.add("user", numbers(accounts.count), isSpread: true)
        table.add("ring", .int32(accounts.ring))
        table.addSpread("row_share", accounts.sampler.probabilities.map { Float($0) })
        for index in 0..<width {
            table.addSpread("latent_\(index)", column(accounts.latents, index, width: width))
        }
        return table
    }

    private static func items(_ world: SimulatedWorld) -> SimulatedTable {
        let (catalogue, width) = (world.catalogue, world.space.dimension)
        var table = SimulatedTable()
        table.add("item", numbers(catalogue.count), isSpread: true)
        table.add("category", .int32(catalogue.category))
        table.add("seller", .int32(catalogue.seller))
        table.addSpread("reference_price", catalogue.referencePrice)
        for index in 0..<width {
            table.addSpread("item_\(index)", column(catalogue.features, index, width: width))
        }
        return table
    }

    private static func trueItems(_ world: SimulatedWorld) -> SimulatedTable {
        let (catalogue, width) = (world.catalogue, world.space.dimension)
        var table = SimulatedTable()
        table.add("item", numbers(catalogue.count), isSpread: true)
        table.addSpread("elasticity", catalogue.elasticity)
        table.addSpread("quality", catalogue.quality)
        table.addSpread("mean_units", catalogue.units)
        table.addSpread("row_share", catalogue.sampler.probabilities.map { Float($0) })
        for index in 0..<width {
            table.addSpread("latent_\(index)", column(catalogue.latents, index, width: width))
        }
        return table
    }

    /// Item and day of every row of the tables of days.
    private static func dayKeys(_ world: SimulatedWorld) -> SimulatedTable {
        let (items, days) = (world.catalogue.count, world.market.days)
        var table = SimulatedTable()
        table.add("item", .int32((0..<items * days).map { Int32($0 / days) }))
        table.add("day", .int32((0..<items * days).map { Int32($0 % days) }))
        return table
    }

    private static func itemDays(_ world: SimulatedWorld) -> SimulatedTable {
        let (market, days) = (world.market, world.market.days)
        var table = dayKeys(world)
        let weekdays = world.traffic.weekdays
        let holidays = Set(world.settings.calendar.holidays)
        let rows = market.price.indices
        let (start, category) = (world.traffic.start, world.catalogue.category)
        // With both a panel of sales reads the table as it is.
        table.add("timestamp", .int64(rows.map { start + 86_400 * Int64($0 % days) }))
        table.add("category", .int32(rows.map { category[$0 / days] }))
        table.add("weekday", .int32(rows.map { weekdays[$0 % days] }))
        table.add("holiday", .int32(rows.map { holidays.contains($0 % days) ? 1 : 0 }))
        table.addSpread("price", market.price)
        table.addSpread("cost", market.cost)
        table.add("promotion", .int32(market.promotion.map { $0 ? 1 : 0 }))
        table.add("stock", .int32(market.stock))
        table.add("units_sold", .int32(market.sold))
        table.add("units_in_log", .int32(market.soldInLog))
        table.add("sold_out", .int32(rows.map { market.soldOutAt[$0] < 1 ? 1 : 0 }))
        return table
    }

    private static func trueItemDays(_ world: SimulatedWorld) -> SimulatedTable {
        let market = world.market
        var table = dayKeys(world)
        table.addSpread("expected_units", market.expectedUnits)
        table.add("units_wanted", .int32(market.price.indices.map(market.wanted)))
        table.add("units_wanted_in_log", .int32(market.ordered))
        table.addSpread("demand_shock", market.shock)
        table.addSpread("sold_out_at", market.soldOutAt.map { Float(max($0, 0)) })
        return table
    }

    private static func campaigns(_ world: SimulatedWorld) -> SimulatedTable {
        let campaigns = world.campaigns
        var table = SimulatedTable()
        table.add("campaign", numbers(campaigns.count), isSpread: true)
        table.add("item", .int32(campaigns.item))
        table.add("bid_type", .string(campaigns.type.map(\.rawValue)))
        table.addSpread("bid", campaigns.bid)
        table.addSpread("daily_budget", campaigns.budget)
        return table
    }

    private static func trueCampaigns(_ world: SimulatedWorld) -> SimulatedTable {
        let campaigns = world.campaigns
        var table = SimulatedTable()
        table.add("campaign", numbers(campaigns.count), isSpread: true)
        table.addSpread("purchase_value", campaigns.value)
        table.addSpread("click_bid", campaigns.clickBid)
        table.addSpread("budget_spent_at", campaigns.spentAt)
        return table
    }

    private static func rings(_ world: SimulatedWorld) -> SimulatedTable {
        let accounts = world.accounts
        var table = SimulatedTable()
        table.add("ring", numbers(accounts.ringSellers.count), isSpread: true)
        table.add("seller", .int32(accounts.ringSellers))
        table.add("wave_start", .int32(accounts.ringStarts))
        return table
    }
}
