/// The area of a plot with its two axes.
struct PlotFrame {
    let width: Double
    let height: Double
    let left: Double
    let right: Double
    let top: Double
    let bottom: Double
    let x: PlotScale
    let y: PlotScale

    /// Grid lines, ticks, and the titles of both axes.
    ///
    /// The title of the vertical axis lies above it, where it can be read without turning the head.
    func axes(_ xTitle: String, _ yTitle: String) -> HTML {
        var marks: [HTML] = []
        for tick in y.ticks {
            guard let place = y.place(tick.value), place >= top - 0.5, place <= bottom + 0.5 else {
                continue
            }
            marks.append(Mark.line(left, place, right, place, "g"))
            marks.append(Mark.text(tick.label, left - 6, place + 4, "t e"))
        }
        marks.append(horizontalAxis(xTitle))
        marks.append(Mark.text(yTitle, 2, 12))
        return .joined(marks)
    }

    /// The axis below the area: ticks whose labels do not touch, and its title.
    func horizontalAxis(_ title: String) -> HTML {
        let ticks = x.ticks.compactMap { tick -> (place: Double, label: String)? in
            guard let place = x.place(tick.value), place >= left - 0.5, place <= right + 0.5 else {
                return nil
            }
            return (place, tick.label)
        }
        var marks = ticks.map { Mark.line($0.place, bottom, $0.place, bottom + 4, "a") }
        // Where labels would touch, every second, third, ... one is written.
        var every = 1
        while every < ticks.count, touch(ticks, every) { every += 1 }
        // Zero, where there is one, keeps its label.
        let zero = x.ticks.first { $0.value == 0 }.flatMap { x.place($0.value) }
        let first = (zero.flatMap { zero in ticks.firstIndex { $0.place == zero } } ?? 0) % every
        for (index, tick) in ticks.enumerated() where index % every == first {
            marks.append(Mark.text(tick.label, middle(tick), bottom + 16, "t m"))
        }
        marks.append(Mark.line(left, bottom, right, bottom, "a"))
        marks.append(Mark.text(title, right, height - 4, "e"))
        return .joined(marks)
    }

    /// The middle of a tick's label: at the tick, or where it is inside the plot still.
    private func middle(_ tick: (place: Double, label: String)) -> Double {
        let half = Mark.width(tick.label) / 2 + 1
        return min(max(tick.place, half), width - half)
    }

    private func touch(_ ticks: [(place: Double, label: String)], _ every: Int) -> Bool {
        var free = -Double.infinity
        for (index, tick) in ticks.enumerated() where index % every == 0 {
            let (middle, half) = (middle(tick), Mark.width(tick.label) / 2)
            if middle - half < free { return true }
            free = middle + half + 4
        }
        return false
    }

    /// What stands in a plot without a number to show.
    var nothing: HTML {
        Mark.text("no values", (left + right) / 2, (top + bottom) / 2, "t m")
    }

    /// The room left of the area that the labels of an axis take.
    static func margin(_ labels: [String]) -> Double {
        max(26, (labels.map(Mark.width).max() ?? 0) + 10)
    }
}
