"""What small answers have in common, so that only what is new in them travels (SYNC §3).

Both ends pack small answers with this text as zstd's dictionary where the client offers `ENCODING`. The text is part
of the protocol: it never changes; another one gets another name.
"""

ENCODING = "zstd-gongdan1"
"""The content coding: a zstd frame made with `DICTIONARY` as its raw dictionary, without a dictionary id."""

PACKED_FROM, PACKED_TO = 64, 16 * 1024
"""Answers of fewer bytes are sent as they are; with more, an ordinary frame is as small."""

# What is most often needed stands last, where referring to it costs least.
DICTIONARY = (
    b'{"verdicts":[{"id":"","status":"rejected","duplicate":true,"code":"out_of_scope","message":{}},{"id":"'
    b'","status":"conflict","seq":,"rev":,"fields":{"":{"theirs":"","mine":""}}},{"id":"","status":"merged"},'
    b'{"id":"01a2","status":"applied","seq":1,"rev":2,"number":"100001","proof":""}],"head":"","server_time":17}'
    b'{"as_of":,"epoch":"","scope_version":"1.1","put":[],"config":[["person","",1,false,{"id":"","name":"","unit":"'
    b'","pinyin":"","superior":""}]],"notices":[{"id":"","ticket":"","kind":"message","at":,"detail":{"from":""}},'
    b'{"kind":"assigned"},{"kind":"soon"},{"kind":"late"},{"kind":"transferred"},{"kind":"resolved"},{"kind":"cc"}],'
    b'"gone":[],"granted":false,"next":"","done":true,"leave":["'
    b'"question","problem","task","new","pending","on_hold","closed","low","high","urgent","internal","sensitive",'
    b'"phone","138****","name","address","paused","late","first_response","email","wechat","import",{"amount":},'
    b'"by":"customer","template":"category","org":"line":"team":"assignee":"creator":"subject":"type":"tags":['
    b'"add":["],"remove":["],"values":{"fields."personal.","old":"new":"before":"after":"reason":"hold_until":'
    b'"created","message","note","status","assigned","taken","transferred","edited","cc","tags","policy","sla",'
    b'"reply",17,17,null,"ordinary","",{},false],["01a2","01a2",2,"priority",17,17,null,"ordinary",null,'
    b'{"from":"normal","to":"resolved"},false]],[["","phone",1,"sensitive","",true,false],["","name",1,"ordinary","",'
    b'false,false]],"standard",1,17,"resolution","met",null,17'
    b'{"from_cursor":"0123456789abcdef.1.","to_cursor":".2.","head":2,"more":false,"scope_version":"1.1","put":[['
    b'["01a2",2,"100001",null,"incident","open","normal",null,"",1,"","retail","","","",[],[],"customer","desktop","",'
    b'{},null,null,179,179,179,179,null,null,"standard",1,179,"resolution","running",null,179],1,7,[["01a2","01a2",2,'
    b'"edited",179,179,"","ordinary",null,{"from":"","to":""},false]],[],]],"server_time":179,"seen":".2.",'
    b'"keep_since":178,"lease_s":1209600}'
)
