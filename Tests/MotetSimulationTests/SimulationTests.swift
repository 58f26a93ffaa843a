import Foundation
import MotetCore
import MotetData
import MotetTestSupport
import Synchronization
import Testing

@testable import MotetSimulation

@Suite("The simulation's folder") struct SimulationTests {
    private let settings = smallShop(rows: Simulation.partRows + 5_000) {
        $0.missing.cart = 0.1
        $0.latents.dimension = 4
        $0.days = 5
        $0.users = 500
    }

    private func write(
        _ settings: SimulationSettings,
        to folder: String,
        threads: Int = 2
    ) throws -> SimulationRecord {
        var simulation = Simulation(settings, version: "test")
        simulation.threads = threads
        return try #require(try simulation.write(to: folder))
    }

    @Test func theSameSeedGivesTheSameBytesOnAnyNumberOfThreads() throws {
        let scratch = try ScratchFolder()
        _ = try write(settings, to: scratch.path + "/one", threads: 1)
        _ = try write(settings, to: scratch.path + "/three", threads: 3)
        let (one, three) = (scratch.contents("one"), scratch.contents("three"))
        #expect(one.count == 14)
        #expect(one == three)
        var other = settings
        other.seed += 1
        _ = try write(other, to: scratch.path + "/other")
        let changed = scratch.contents("other")
        #expect(changed.keys.sorted() == one.keys.sorted())
        #expect(changed.allSatisfy { one[$0.key] != $0.value })
    }

    @Test func rowsDoNotDependOnTheBlocksTheyAreMadeIn() throws {
        let small = smallShop(rows: 3_000)
        let (world, whole) = try simulated(small)
        var part = ImpressionBlock(world)
        ImpressionGenerator(world).fill(&part, rows: 1_234..<2_100)
        for row in 0..<part.count {
            #expect(part.user[row] == whole.user[1_234 + row])
            #expect(part.hours[row] == whole.hours[1_234 + row])
            #expect(part.conversion[row] == whole.conversion[1_234 + row])
            #expect(part.label[0][row] == whole.label[0][1_234 + row])
        }
    }

    @Test func aLogInMemoryHasTheSameNumbers() throws {
        let small = smallShop(rows: Simulation.blockRows + 300)
        let log = try SimulatedLog(small)
        let (_, block) = try simulated(small)
        #expect(log.rowCount == small.rows && log.scenario == block.scenario)
        #expect(try log.column("price") == block.price)
        #expect(try log.column("p_cart") == block.probability[1])
        #expect(try log.column("cart_if_clicked") == block.outcome[1].map(Float.init))
        let error = #expect(throws: SimulationError.self) { try log.column("prize") }
        #expect(error?.description.hasSuffix("Did you mean `price`?") == true)
    }

    @Test func theReadersReadWhatWasWritten() throws {
        let scratch = try ScratchFolder()
        let record = try write(settings, to: scratch.path + "/shop")
        #expect(record.parts == 2 && record.counts.rows == settings.rows)
        #expect(try SimulationRecord(folder: scratch.path + "/shop") == record)
        let (world, block) = try simulated(settings)
        let log = "shop/impressions"
        let row = try scratch.numbers(log, "row")
        #expect(row == (0..<settings.rows).map(Double.init))
        #expect(try scratch.numbers("shop/truth/impressions", "row") == row)
        #expect(try scratch.numbers(log, "user") == block.user.map(Double.init))
        #expect(try scratch.numbers(log, "price") == block.price.map(Double.init))
        #expect(try scratch.numbers(log, "item_3") == block.itemFeatures[3].map(Double.init))
        let carts = try scratch.numbers(log, "cart")
        #expect(carts.map(\.isNaN) == block.label[1].map(\.isNaN))
        #expect(
            try scratch.numbers("shop/truth/impressions", "p_conversion")
                == block.conversion.map(Double.init)
        )
        let clicks = block.outcome[0].reduce(0) { $0 + Int($1) }
        #expect(record.counts.clicks == clicks)
        #expect(
            try scratch.numbers("shop/truth/items.parquet", "elasticity")
                == world.catalogue.elasticity.map(Double.init)
        )
        let sold = try scratch.numbers("shop/item_days.parquet", "units_sold")
        #expect(sold == world.market.sold.map(Double.init))
        let starts = try scratch.numbers("shop/item_days.parquet", "timestamp")
        let day = try scratch.numbers("shop/item_days.parquet", "day")
        #expect(starts == day.map { Double(world.traffic.start) + 86_400 * $0 })
        let categories = try scratch.numbers("shop/item_days.parquet", "category")
        let item = try scratch.numbers("shop/item_days.parquet", "item")
        #expect(categories == item.map { Double(world.catalogue.category[Int($0)]) })
        // Units sold in the log are its payments, counted from the files.
        let (items, days, paid) = (
            try scratch.numbers(log, "item"), try scratch.numbers(log, "day"),
            try scratch.numbers("shop/truth/impressions", "pay_final")
        )
        var payments = sold.map { _ in 0.0 }
        for row in items.indices {
            payments[Int(items[row]) * settings.days + Int(days[row])] += paid[row]
        }
        #expect(try scratch.numbers("shop/item_days.parquet", "units_in_log") == payments)
        #expect(record.counts.payments == Int(payments.reduce(0, +)))
        let places = try TableReader(
            TableSource(scratch.path + "/shop/impressions"),
            columns: ["scenario"]
        )
        let batch = try #require(try places.next())
        for index in stride(from: 0, to: batch.rowCount, by: 101) {
            let text = try batch.column("scenario").text(at: index)
            #expect(text == settings.scenarios[Int(block.scenario[index])])
        }
    }

    @Test func whatTheShopSeesIsApartFromTheTruth() throws {
        let scratch = try ScratchFolder()
        _ = try write(smallShop(rows: 500), to: scratch.path + "/shop")
        let names = try TableSource(scratch.path + "/shop/impressions").columns().map(\.name)
        for hidden in ["p_click", "fake_order", "ring", "hidden", "demand_shock", "elasticity"] {
            #expect(!names.contains(hidden))
        }
        let days = try TableSource(scratch.path + "/shop/item_days.parquet").columns().map(\.name)
        #expect(!days.contains("units_wanted") && !days.contains("demand_shock"))
    }

    @Test func aPlaceThatIsTakenIsRefused() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.path + "/shop"
        _ = try write(smallShop(rows: 500), to: folder)
        let before = scratch.contents("")
        let error = #expect(throws: SimulationError.self) {
            _ = try write(smallShop(rows: 600), to: folder)
        }
        #expect(error?.code == .simulationExists)
        #expect(scratch.contents("") == before)
    }

    @Test func whatIsStoppedOrFailsLeavesNothing() throws {
        let scratch = try ScratchFolder()
        let blocks = Atomic<Int>(0)
        let simulation = Simulation(settings, version: "test")
        let record = try simulation.write(
            to: scratch.path + "/stopped",
            isStopped: { blocks.wrappingAdd(1, ordering: .relaxed).newValue > 4 }
        )
        #expect(record == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
        try Data().write(to: URL(fileURLWithPath: scratch.path + "/file"))
        #expect(throws: TableError.self) {
            _ = try simulation.write(to: scratch.path + "/file/shop")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["file"])
    }

    @Test func progressEndsWithAllRows() throws {
        let scratch = try ScratchFolder()
        var last = (0, 0)
        let simulation = Simulation(smallShop(rows: 700), version: "test")
        _ = try simulation.write(to: scratch.path + "/shop", progress: { last = ($0, $1) })
        #expect(last == (700, 700))
    }
}
