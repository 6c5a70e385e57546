"""Invented tickets of the sample chain, as many as fill a screen, in every state a deadline can have."""

from collections.abc import Iterator

from domain.wire.commands import (
    AssignTicket,
    ChangeStatus,
    CreateTicket,
    EditTicket,
    ReceiveMessage,
    Reply,
    TakeTicket,
)
from domain.wire.flow_commands import ApproveNode, CompleteNode, ReturnNode, SettleNode
from tests.shots.office import MINUTE_MS, Step

ME, STORE, LEAD = "wangfang", "liuyang", "lina"

# subject, store, customer, priority, category, age in minutes, how it went (see _went)
_LINES = (
    ("收银机无法打印小票，排队顾客较多", "HZ002", "", "urgent", "hygiene", 262, "waiting 92"),
    ("团购订单漏发两箱，客户今天下午用", "NB001", "周先生", "high", "wrong_item", 250, "waiting 46"),
    ("冷柜温度报警，海鲜区商品需评估报损", "HZ003", "", "urgent", "spoiled", 8, "new"),
    ("会员卡重复扣款 268 元，催促到账时间", "HZ002", "赵女士", "high", "coupon", 140, "waiting 28"),
    ("配送超时两小时，冰淇淋全部融化", "NB002", "刘先生", "high", "wrong_item", 11, "new"),
    ("称重标签与实际不符，差 0.32 公斤", "NJ001", "王先生", "normal", "short_weight", 300, "waiting 70"),
    ("退货已签收三天未退款", "NB002", "孙女士", "high", "other_none", 400, "waiting 12"),
    ("牛奶临期未标示，购买后次日过期", "HZ001", "吴女士", "normal", "near_expiry", 380, "waiting 36"),
    ("换货：榨汁机杯体有裂纹", "HZ001", "郑先生", "normal", "foreign_body", 320, "waiting 20"),
    ("优惠券满减未生效，差价 35 元", "HZ002", "冯女士", "normal", "coupon", 12, "new"),
    ("顾客在生鲜区滑倒，已送医检查", "NJ002", "", "urgent", "safety", 190, "answered"),
    ("外卖小票缺少发票抬头，申请补开", "NJ001", "何女士", "low", "price_tag", 600, "answered"),
    ("电饭煲内胆划痕，申请退货退款", "NJ003", "曹先生", "normal", "foreign_body", 18, "new"),
    ("供应商送货少三件，需要理赔单号", "HZ003", "", "normal", "short_weight", 900, "answered"),
    ("积分兑换的保温杯一直未发货", "NB001", "许女士", "normal", "member_points", 1300, "answered"),
    ("门店扫码枪连不上，影响自助收银", "NJ003", "", "high", "queue", 330, "answered"),
    ("蛋糕预订日期被改成次日，客户着急", "HZ001", "唐女士", "high", "wrong_item", 5, "new"),
    ("鸡蛋破损六枚，客户要求补发", "NJ001", "邓先生", "normal", "foreign_body", 520, "answered"),
    ("小程序显示有货，到店被告知缺货", "HZ002", "韩女士", "low", "price_tag", 460, "answered"),
    ("投诉收银员态度，要求门店致歉", "NB002", "杨先生", "normal", "attitude", 700, "answered"),
    ("进口牛排解冻后有异味，已封样待检", "HZ003", "彭女士", "high", "spoiled", 260, "answered"),
    ("洗衣液开封泄漏，弄湿其他商品", "NB001", "曾女士", "low", "foreign_body", 830, "pending 130"),
    ("空气炸锅不加热，等待客户寄回", "NJ002", "萧先生", "normal", "foreign_body", 1500, "pending 225"),
    ("理赔材料不全，待补充医疗票据", "HZ001", "田女士", "high", "safety", 400, "hold 200"),
    ("停车券无法核销，已登记待系统修复", "NJ003", "潘先生", "low", "coupon", 2900, "hold 372"),
    ("生日蛋糕写错名字，已重做待确认", "HZ002", "袁女士", "normal", "wrong_item", 1800, "pending 390"),
    ("购物车轮子卡住，多位顾客反映", "HZ003", "", "low", "hygiene", 2200, "hold 425"),
    ("榴莲未熟，客户要求更换", "NB002", "蒋女士", "normal", "spoiled", 1250, "pending 438"),
    ("自提柜打不开，客户改为到店自取", "NJ001", "蔡先生", "normal", "queue", 1100, "pending 460"),
    ("大米生虫，客户要求检测报告", "NJ002", "余女士", "normal", "foreign_body", 2600, "hold 480"),
    ("水杯盖漏水，申请换货", "HZ001", "叶先生", "low", "foreign_body", 1700, "pending 502"),
    ("发票税号填错，申请红冲重开", "HZ002", "苏女士", "normal", "price_tag", 2400, "hold 550"),
    ("会员生日券未到账", "NB001", "吕女士", "low", "coupon", 2000, "pending 580"),
    ("冻虾净重不足，已补差价待确认", "NJ003", "丁先生", "normal", "short_weight", 1600, "pending 605"),
    ("儿童座椅安全带断裂，已停用", "HZ003", "", "high", "safety", 1200, "hold 660"),
    ("月饼礼盒错发口味，待客户选择", "NB002", "任女士", "normal", "wrong_item", 2100, "pending 736"),
    ("扫码购误判漏扫，客户要求说明", "NJ001", "沈女士", "normal", "attitude", 2500, "pending 760"),
    ("面包有头发，已致歉待客户确认", "HZ001", "卢女士", "high", "foreign_body", 1400, "resolved 60"),
    ("价签与收银价不符，差 4.5 元", "HZ002", "姚先生", "normal", "price_tag", 1000, "resolved 140"),
    ("停电期间熟食区商品处理", "NJ002", "", "normal", "hygiene", 1900, "resolved 300"),
    ("鲜花枯萎，客户要求退款", "NB001", "梁女士", "normal", "spoiled", 45, "nobody"),
    ("寄存柜密码失效，物品取不出", "HZ003", "宋先生", "high", "queue", 16, "nobody"),
    ("自助结账重复扣款 59 元", "NJ001", "谢女士", "high", "coupon", 9, "nobody"),
    ("电梯口地面湿滑，请加警示牌", "HZ002", "", "normal", "safety", 30, "nobody"),
    ("酸奶买一送一未生效", "NJ003", "邹女士", "low", "coupon", 75, "nobody"),
)


def stories() -> Iterator[list[Step]]:
    """One after the other; the first of them is told in full (see `strawberries`)."""
    for place, line in enumerate(_LINES):
        yield _story(place, *line)


def _story(
    place: int, subject: str, store: str, customer: str, priority: str, category: str, age: int, went: str
) -> list[Step]:
    steps = [Step(age, STORE, "create", _created(place, subject, store, customer, priority, category))]
    how, _, when = went.partition(" ")
    if how == "nobody":
        return steps
    steps.append(Step(age - 1, LEAD, "assign", AssignTicket(assignee=ME, team="cs-retail")))
    if how == "new":
        return steps
    steps.append(Step(age - 2, ME, "take", TakeTicket()))
    steps.append(Step(age - 4, ME, "reply", Reply(body="您好，情况已经收到，正在请门店核实，稍后给您答复。")))
    since = float(when or 0)
    if how == "waiting":
        steps.append(
            Step(since, None, "message", ReceiveMessage(body="请问现在处理到哪一步了？", channel="wechat"))
        )
    elif how == "answered":
        steps.append(Step(age / 2, STORE, "reply", Reply(body="门店已核实，情况属实。", internal=True)))
    elif how == "pending":
        steps.append(Step(since, ME, "status", ChangeStatus(to="pending")))
    elif how == "hold":
        until = 1_795_156_320_000 + (1440 + place * 60) * MINUTE_MS
        steps.append(
            Step(since, ME, "status", ChangeStatus(to="on_hold", reason="等供应商回复", until=until))
        )
    elif how == "resolved":
        fields = {"measure": "已补发并致歉。", "responsible": "store", "result": "satisfied"}
        steps.append(Step(since, ME, "status", ChangeStatus(to="resolved", fields=fields)))
    return steps


def _created(
    place: int, subject: str, store: str, customer: str, priority: str, category: str
) -> CreateTicket:
    personal = {"phone": f"138{place:04d}{2700 + place:04d}"}
    if customer:
        personal["name"] = customer
    else:
        personal["name"] = "门店自报"
    return CreateTicket(
        template="complaint",
        template_version=1,
        org=store,
        line="retail",
        subject=subject,
        description=f"{subject}。请尽快处理。",
        priority=priority,
        category=category if category != "other_none" else "coupon",
        channel="wechat" if place % 3 else "phone",
        fields={"demand": "apology"},
        personal=personal,
    )


def strawberries() -> list[Step]:
    """The ticket of the large pictures, told in full."""
    return [
        Step(
            42,
            STORE,
            "create",
            CreateTicket(
                template="complaint",
                template_version=1,
                org="HZ001",
                line="retail",
                subject="草莓礼盒开箱发霉，要求全额退款并赔付",
                description="中午在望潮路店买的草莓礼盒，打开有三颗已经发霉，孩子差点吃了。要求全额退款，并给个说法。",
                priority="high",
                category="spoiled",
                channel="wechat",
                fields={
                    "demand": "refund",
                    "amount": 89.0,
                    "product": "奶油草莓礼盒 500 克 × 2",
                    "eaten": False,
                    "order_no": "N20261120-5526",
                    "tier": "gold",
                },
                personal={"name": "陈女士", "phone": "13800002716"},
            ),
        ),
        Step(41, LEAD, "assign", AssignTicket(assignee=ME, team="cs-retail")),
        Step(40, ME, "take", TakeTicket()),
        Step(
            30,
            ME,
            "reply",
            Reply(
                body="陈女士您好，非常抱歉。已请望潮路店核对同批次商品，今天 15:00 前给您答复；草莓请先不要食用。"
            ),
        ),
        Step(29, ME, "edit", EditTicket(values={"priority": "urgent"})),
        Step(27, LEAD, "edit", EditTicket(values={"priority": "high"})),
        Step(22, None, "message", ReceiveMessage(body="退款多久到账？", channel="wechat")),
        Step(
            12,
            STORE,
            "reply",
            Reply(
                body="同批次 12 盒已下架，其中 2 盒有霉点。同意退款 89 元，建议补偿 30 元券。@王芳菲",
                internal=True,
            ),
        ),
    ]


def claim() -> list[Step]:
    """A claim in the middle of its flow: surveyed, sent back once, approved, now a solution is to be proposed."""
    surveyed = CompleteNode(node="survey", values={"amount": 1280.0, "responsible": "store"})
    return [
        Step(
            300,
            STORE,
            "create",
            CreateTicket(
                template="claim",
                template_version=1,
                org="HZ001",
                line="retail",
                subject="顾客在生鲜区滑倒，手表表盘碎裂，要求赔付",
                description="顾客在生鲜区滑倒，人没有受伤，手表表盘碎裂，要求按发票赔付。",
                priority="high",
                category="fall",
                channel="phone",
                fields={
                    "harm": "property",
                    "damaged_item": "机械手表",
                    "amount": 1280.0,
                    "happened_on": "2026-11-19",
                },
                personal={"name": "顾先生", "phone": "13800002799"},
            ),
        ),
        Step(299, None, "node", SettleNode(node="survey", act="settle", team="claims")),
        Step(290, ME, "take", TakeTicket()),
        Step(240, ME, "complete", surveyed),
        Step(239, None, "node", SettleNode(node="approve", act="settle", approvers=(LEAD,), cc=(LEAD,))),
        Step(200, LEAD, "return", ReturnNode(node="approve", to="survey", reason="请补一张现场照片。")),
        Step(150, ME, "complete", surveyed),
        Step(149, None, "node", SettleNode(node="approve", act="settle", approvers=(LEAD,), cc=(LEAD,))),
        Step(60, LEAD, "approve", ApproveNode(node="approve", approved=True, note="同意按发票七成赔付。")),
    ]


def weekend() -> list[Step]:
    """A ticket over a closed night, with a pause: the one whose deadline is explained."""
    return [
        Step(
            22 * 60 + 2,
            STORE,
            "create",
            CreateTicket(
                template="it_support",
                template_version=1,
                org="HZ001",
                line="internal",
                subject="三号收银机扫码慢，高峰期排队",
                description="三号收银机扫码要等五六秒，高峰期排队。",
                priority="high",
                category="pos_down",
                channel="desktop",
                fields={"asset": "pos", "asset_no": "POS-003", "business_stopped": False},
                personal={"reporter_phone": "057188001234"},
            ),
        ),
        Step(22 * 60, LEAD, "assign", AssignTicket(assignee=ME)),
        Step(21 * 60 + 50, ME, "take", TakeTicket()),
        Step(21 * 60 + 40, ME, "reply", Reply(body="收到，先请重启一次，看看是否恢复。")),
        Step(5 * 60, ME, "status", ChangeStatus(to="pending")),
        Step(3 * 60 + 30, STORE, "reply", Reply(body="重启后还是慢。")),
        Step(3 * 60 + 20, ME, "status", ChangeStatus(to="open")),
    ]
